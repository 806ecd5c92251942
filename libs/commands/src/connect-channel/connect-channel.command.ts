import { Command } from '@nestjs/cqrs';
import type { ChannelRow, Platform, WorkspaceId } from '@app/domain';
import type { Tokens } from '@app/token-vault';

/** An account as the platform's login flow handed it over; times are ISO 8601 UTC. */
export interface AccountToConnect {
  readonly workspaceId: WorkspaceId;
  readonly platform: Platform;
  readonly externalId: string;
  readonly handle: string;
  readonly displayName: string | null;
  readonly avatarUrl: string | null;
  readonly scopes: readonly string[];
  readonly meta: Readonly<Record<string, unknown>>;
  readonly defaultBoardId: string | null;
  readonly tokens: Tokens;
  readonly tokenExpiresAt: string | null;
  readonly grantedAt: string;
  /** Who granted access on the platform; only its HMAC is kept. */
  readonly grantSubject: string;
  /** Opaque id of the user who connects. */
  readonly actor: string;
}

/** Connects an account as a new channel. The same Idempotency-Key again answers the same row. */
export class ConnectChannel extends Command<ChannelRow> {
  constructor(
    readonly account: AccountToConnect,
    readonly idempotency: { readonly credentialId: string; readonly key: string },
    /** Of the request; becomes the correlation id of everything that follows. */
    readonly requestId: string,
  ) {
    super();
  }
}
