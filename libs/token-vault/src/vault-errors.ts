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

/** The platform said that the access token ends by now; the channel itself is fine. */
export class AccessTokenExpired extends VaultError {
  readonly code = 'ACCESS_TOKEN_EXPIRED';
  constructor() {
    super('The access token has run out: refresh it first');
  }
}

/** The platform gave none. */
export class NoRefreshToken extends VaultError {
  readonly code = 'NO_REFRESH_TOKEN';
  constructor() {
    super('The platform gave no refresh token for this channel');
  }
}

/** Somebody else is refreshing. */
export class RefreshLeaseHeld extends VaultError {
  readonly code = 'REFRESH_LEASE_HELD';
  override readonly extras: { readonly heldUntil: string };
  constructor(until: Date) {
    super('Somebody else is refreshing these tokens: try again later');
    this.extras = { heldUntil: until.toISOString() };
  }
}

/** An earlier change's event isn't in the stream yet: finish that first. Never reaches a caller. */
export class TokenEventPending extends Error {
  constructor() {
    super('An earlier change of the tokens is not recorded yet');
    this.name = 'TokenEventPending';
  }
}
