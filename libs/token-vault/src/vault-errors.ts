/** Why the vault refuses; `code` is part of the public contract. */
export abstract class VaultError extends Error {
  abstract readonly code: string;
  /** Further fields of the error's body. */
  readonly extras: Readonly<Record<string, unknown>> = {};
}

/** A tombstone stands in the channel's place: nothing is ever stored there again. */
export class TokensWiped extends VaultError {
  readonly code = 'CHANNEL_DISCONNECTED';
  constructor() {
    super('This channel is disconnected, for good');
  }
}

/** The tokens were replaced since, or never had that version: what was done with them is void. */
export class TokenVersionMismatch extends VaultError {
  readonly code = 'TOKEN_VERSION_MISMATCH';
  constructor() {
    super('The vault holds another version of the tokens: what was done with this one is void');
  }
}

/** No key that is left opens them: destroyed since, or of another place than the database's. */
export class TokenUnreadable extends VaultError {
  readonly code = 'TOKEN_UNREADABLE';
  constructor() {
    super("The stored tokens can't be opened any more: reauthorize the channel");
  }
}

/** An earlier change's event isn't in the stream yet: finish that first. Never reaches a caller. */
export class TokenEventPending extends Error {
  constructor() {
    super('An earlier change of the tokens is not recorded yet');
    this.name = 'TokenEventPending';
  }
}
