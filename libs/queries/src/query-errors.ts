/** Why a query was refused; `code` is part of the public contract. */
export abstract class QueryError extends Error {
  abstract readonly code: string;
}

/** Unknown, or in a workspace out of reach: the caller can't tell which. */
export class NoSuchChannel extends QueryError {
  readonly code = 'CHANNEL_NOT_FOUND';
  constructor() {
    super('There is no such social account');
  }
}

/** The workspace that was asked for is out of the key's reach. */
export class WorkspaceOutOfReach extends QueryError {
  readonly code = 'WORKSPACE_OUT_OF_REACH';
  constructor() {
    super("This key doesn't reach that workspace");
  }
}

/** There is no receipt while the channel lives. */
export class NotDisconnected extends QueryError {
  readonly code = 'NOT_DISCONNECTED';
  constructor() {
    super('This social account is connected: there is no disconnection to show');
  }
}

/** There is nothing left to preview: the receipt tells what was done. */
export class AlreadyDisconnected extends QueryError {
  readonly code = 'ALREADY_DISCONNECTED';
  constructor() {
    super('This social account is disconnected already: see its disconnection');
  }
}

/** A cursor that this API never gave out. */
export class BadCursor extends QueryError {
  readonly code = 'BAD_CURSOR';
  constructor() {
    super('Use the nextCursor of an earlier answer as it is, or leave the cursor out');
  }
}
