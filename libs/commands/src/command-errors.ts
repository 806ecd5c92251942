import type { ChannelId, MetaProblem } from '@app/domain';

/** Why a command was refused; `code` is part of the public contract. */
export abstract class CommandError extends Error {
  abstract readonly code: string;
  /** Further fields of the error's body. */
  readonly extras: Readonly<Record<string, unknown>> = {};
}

/** No id of a channel, whether there is one or not. */
export class MalformedAccountId extends CommandError {
  readonly code = 'MALFORMED_ID';
  constructor() {
    super('An account id is soc_ and 26 characters of a ULID');
  }
}

/** Unknown, or in a workspace out of reach: the caller can't tell which. */
export class ChannelNotFound extends CommandError {
  readonly code = 'CHANNEL_NOT_FOUND';
  constructor() {
    super('There is no such social account');
  }
}

/** In reach, but the role is too low. */
export class RoleTooLow extends CommandError {
  readonly code = 'ROLE_TOO_LOW';
  constructor() {
    super('Only the owner and the admins of a workspace may do this');
  }
}

/** The account is held by another channel of the workspace. */
export class AccountAlreadyConnected extends CommandError {
  readonly code = 'ACCOUNT_ALREADY_CONNECTED';
  override readonly extras: { readonly accountId: ChannelId };
  constructor(accountId: ChannelId) {
    super('That account is already connected in this workspace');
    this.extras = { accountId };
  }
}

/** The platform has withdrawn the grant since these tokens were given, or is asked to right now. */
export class GrantRevoked extends CommandError {
  readonly code = 'GRANT_REVOKED';
  constructor() {
    super('This grant was withdrawn after it was given: have the person log in again');
  }
}

/** The same Idempotency-Key came with another body. */
export class IdempotencyKeyReused extends CommandError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor() {
    super('This Idempotency-Key was used with another body: use a new key for a new request');
  }
}

/** An account is connected to a workspace that there is. */
export class NoSuchWorkspace extends CommandError {
  readonly code = 'WORKSPACE_NOT_FOUND';
  constructor() {
    super('There is no such workspace: create it first');
  }
}

/** Only Pinterest has boards. */
export class BoardWithoutPinterest extends CommandError {
  readonly code = 'BOARD_WITHOUT_PINTEREST';
  constructor() {
    super('defaultBoardId is for PINTEREST accounts only');
  }
}

const refusalsOfMeta: Readonly<Record<MetaProblem['code'], string>> = {
  META_TOO_LARGE: 'meta may have 4 KiB as JSON',
  META_TOO_DEEP: 'meta may have 3 levels',
  META_HOLDS_CREDENTIAL: 'What looks like a credential is never kept outside of the tokens',
  META_NOT_TEXT: 'meta holds characters that no text has',
};

/** A `meta` that can't be recorded; says where, and never what stood there. */
export class MetaRefused extends CommandError {
  readonly code: MetaProblem['code'];
  override readonly extras: { readonly path: string };
  constructor({ code, path }: MetaProblem) {
    super(refusalsOfMeta[code]);
    this.code = code;
    this.extras = { path };
  }
}

/** A text that would go into an event holds a credential; says where, and never what stood there. */
export class TextHoldsCredential extends CommandError {
  readonly code = 'TEXT_HOLDS_CREDENTIAL';
  override readonly extras: { readonly path: string };
  constructor(path: string) {
    super('What looks like a credential is never kept outside of the tokens');
    this.extras = { path };
  }
}

/** One of many that was left alone, because the ones before it met a store that is away. */
export class NotBegun extends CommandError {
  readonly code = 'STORE_UNAVAILABLE';
  constructor() {
    super('Not begun, since a store is away. Repeat the request later');
  }
}

/** The registry has not caught up with the streams since this process started. */
export class LeasesClosed extends CommandError {
  readonly code = 'LEASES_CLOSED';
  constructor() {
    super('Leases are closed until the registry has caught up with the streams: try again soon');
  }
}
