import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { ChannelId } from '@app/domain';
import type { SealedTokens } from './stored-tokens';
import { sealedColumns, StoredTokens } from './stored-tokens';
import type { Tokens } from './token-sealer';
import {
  AccessTokenExpired,
  NoRefreshToken,
  RefreshLeaseHeld,
  TokenUnreadable,
  VaultError,
} from './vault-errors';

/** `access`: to publish with; `refresh`: the right to refresh, one holder at a time. */
export type LeaseKind = 'access' | 'refresh';

/** A lease that is written down; whether it may be answered, the stream decides after it. */
export interface TakenLease {
  /** `lease_` + ULID. */
  readonly id: string;
  readonly version: number;
  readonly tokens: Tokens;
  /** When the holder must have stopped using it. */
  readonly until: Date;
}

/** Which refresh somebody has told about. */
export interface EndedRefresh {
  /** Of the service that tells it. */
  readonly credentialId: string;
  /** null when it doesn't say. */
  readonly leaseId: string | null;
  /** null when it doesn't say. */
  readonly version: number | null;
}

/** Seconds on database time that a lease lasts at most. */
const lastsSeconds: Readonly<Record<LeaseKind, number>> = { access: 300, refresh: 60 };

interface Lendable extends SealedTokens {
  /** null: the access token never runs out. */
  readonly expiresAt: Date | null;
  readonly hasExpired: boolean | null;
}

interface Written {
  readonly id: string;
  readonly until: Date;
  readonly stored: SealedTokens;
}

/** Lends tokens out: each lease is a row of `vault.leases` before its tokens are decrypted. */
@Injectable()
export class TokenLeases {
  constructor(
    private readonly dataSource: DataSource,
    private readonly stored: StoredTokens,
  ) {}

  /**
   * Writes a lease down, then decrypts. The caller must read the end of the channel's stream
   * afterwards, before it answers anything, a refusal by the vault included.
   *
   * @param credentialId of the service that takes it
   * @returns the lease, or why the vault has none to give
   */
  async take(
    kind: LeaseKind,
    channelId: ChannelId,
    credentialId: string,
  ): Promise<TakenLease | VaultError> {
    const written = await this.dataSource.transaction((manager) =>
      this.write(manager, kind, channelId, credentialId),
    );
    if (written instanceof VaultError) return written;
    const { id, until, stored } = written;
    const tokens = await this.stored.open(this.dataSource.manager, stored);
    const refusal = refusalOf(kind, tokens);
    if (refusal) await this.end(id, refusal.code);
    return refusal ?? { id, until, version: stored.version, tokens: tokens! };
  }

  /** A lease that was not answered: it holds nothing any more, and its row says why. */
  async end(leaseId: string, refusal: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE vault.leases SET ended_at = clock_timestamp(), refusal = $2 WHERE id = $1`,
      [leaseId, refusal],
    );
  }

  /**
   * The holder has told how its refresh went: another may try at once. A report that names no lease
   * means the one of its version. When the same service has taken that version more than once, it
   * may be a late one of a former holder; then the lease runs out by itself, since two who refresh
   * with one token may cost the whole grant.
   *
   * @param report of which refresh; nothing ends for one that names a lease of somebody else's
   */
  async endRefresh(
    channelId: ChannelId,
    { credentialId, leaseId, version }: EndedRefresh,
  ): Promise<void> {
    await this.dataSource.query(
      `WITH taken AS (
         SELECT id, count(*) OVER () AS times FROM vault.leases
          WHERE channel_id = $1 AND kind = 'refresh' AND credential_id = $2
            AND CASE WHEN $3::text IS NULL THEN version = $4 ELSE id = $3 END
            AND ended_at IS NULL
       )
       UPDATE vault.leases SET ended_at = clock_timestamp()
         FROM taken WHERE leases.id = taken.id AND taken.times = 1`,
      [channelId, credentialId, leaseId, version],
    );
  }

  private async write(
    manager: EntityManager,
    kind: LeaseKind,
    channelId: ChannelId,
    credentialId: string,
  ): Promise<Written | VaultError> {
    // Rivals for the one refresh lease wait here for each other; publishers never wait.
    const lock = kind === 'refresh' ? 'FOR NO KEY UPDATE' : '';
    const rows: Lendable[] = await manager.query(
      `SELECT ${sealedColumns}, token_expires_at AS "expiresAt",
              token_expires_at <= clock_timestamp() AS "hasExpired"
         FROM vault.tokens WHERE channel_id = $1 AND wiped_at IS NULL ${lock}`,
      [channelId],
    );
    const stored = rows[0];
    if (!stored) return new TokenUnreadable();
    if (kind === 'access' && stored.hasExpired) return new AccessTokenExpired();
    const heldUntil = kind === 'refresh' && (await refreshHeldUntil(manager, stored));
    if (heldUntil) return new RefreshLeaseHeld(heldUntil);

    const id = `lease_${ulid()}`;
    const [lease]: { until: Date }[] = await manager.query(
      `INSERT INTO vault.leases (id, channel_id, kind, version, credential_id, until)
       VALUES ($1, $2, $3, $4, $5,
               least(clock_timestamp() + $6 * interval '1 second', $7::timestamptz))
       RETURNING until`,
      [
        id,
        channelId,
        kind,
        stored.version,
        credentialId,
        lastsSeconds[kind],
        kind === 'access' ? stored.expiresAt : null,
      ],
    );
    return { id, until: lease!.until, stored };
  }
}

async function refreshHeldUntil(
  manager: EntityManager,
  { channelId, version }: SealedTokens,
): Promise<Date | undefined> {
  const rows: { until: Date }[] = await manager.query(
    `SELECT until FROM vault.leases
      WHERE channel_id = $1 AND kind = 'refresh' AND version = $2
        AND ended_at IS NULL AND until > clock_timestamp()`,
    [channelId, version],
  );
  return rows[0]?.until;
}

function refusalOf(kind: LeaseKind, tokens: Tokens | undefined): VaultError | undefined {
  if (!tokens) return new TokenUnreadable();
  return kind === 'refresh' && tokens.refreshToken === null ? new NoRefreshToken() : undefined;
}
