import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId, EffectOutcomeStatus, WorkspaceId } from '@app/domain';
import type { CopyKeys } from './copy-keys';
import { openEnvelope, sealEnvelope } from './envelope';
import type { SealedTokens, StoredTokens } from './stored-tokens';
import { sealedColumns } from './stored-tokens';
import type { Tokens, VaultTarget } from './token-sealer';

/** A token that stands for a grant. Never logged, never in an error. */
export interface RevocationToken {
  readonly kind: 'access' | 'refresh';
  readonly token: string;
}

/** A channel's tokens at its end. */
export interface LastTokens extends Tokens {
  /** The platform said that the access token ends by now. */
  readonly hasExpired: boolean;
}

/** Why no token was kept: there was none, no key is left that opens them, none was of use. */
export type NotKept = 'no_tokens' | 'unreadable' | 'none_of_use';

/** A token that is kept for a revocation alone, or what became of it. */
export interface RevocationCopy {
  readonly version: number;
  readonly keyId: string;
  readonly wrappedKey: Buffer | null;
  readonly sealed: Buffer | null;
  /** How the revocation has ended; the token is gone then, its key may still be there. */
  readonly outcome: EffectOutcomeStatus | null;
  /** Milliseconds that are left to use it; its last minute is for destroying it. */
  readonly leftMs: number;
  /**
   * Somebody had it on loan to refresh with, and never told how that went: where refresh tokens are used
   * once, the platform may know another one by now.
   */
  readonly mayBeSpent: boolean;
}

/** What the keys may be older than without a row: whoever made one has committed by then, or never will. */
const strayAfterMs = 15 * 60_000;

const leftMs = `(extract(epoch FROM until - interval '1 minute' - clock_timestamp()) * 1000)::float`;

/** The one token that outlives the wipe, for an hour at most, under a key of its own. */
@Injectable()
export class RevocationCopies {
  /**
   * @param stored opens tokens, in a process that may
   * @param keys undefined where none was ever configured
   */
  constructor(
    private readonly stored: StoredTokens | undefined,
    private readonly keys: CopyKeys | undefined,
  ) {}

  /**
   * Reseals one of a channel's tokens, in the transaction that wipes them.
   *
   * @param pick which one; undefined when none is of use
   * @returns until when it is kept
   */
  async keep(
    manager: EntityManager,
    { channelId, workspaceId }: VaultTarget,
    pick: (tokens: LastTokens) => RevocationToken | undefined,
  ): Promise<Date | NotKept> {
    const rows: (SealedTokens & { hasExpired: boolean | null })[] = await manager.query(
      `SELECT ${sealedColumns}, token_expires_at <= clock_timestamp() AS "hasExpired"
         FROM vault.tokens WHERE channel_id = $1 AND wiped_at IS NULL FOR UPDATE`,
      [channelId],
    );
    const stored = rows[0];
    if (!stored) return 'no_tokens';
    const tokens = await this.stored?.open(manager, stored);
    if (!tokens || !this.keys) return 'unreadable';
    const token = pick({ ...tokens, hasExpired: stored.hasExpired ?? false });
    if (!token) return 'none_of_use';

    const { version } = stored;
    const { id, key } = this.keys.make();
    const secret = Buffer.from(JSON.stringify(token));
    const envelope = sealEnvelope(key, { workspaceId, channelId, version }, secret);
    key.fill(0);
    const [kept]: { until: Date }[] = await manager.query(
      `INSERT INTO vault.revocation_copies
              (channel_id, version, key_id, wrapped_key, sealed_token, until)
       VALUES ($1, $2, $3, $4, $5, clock_timestamp() + interval '1 hour')
       ON CONFLICT (channel_id) DO UPDATE
          SET version = excluded.version, key_id = excluded.key_id, outcome = NULL,
              wrapped_key = excluded.wrapped_key, sealed_token = excluded.sealed_token,
              until = excluded.until
       RETURNING until`,
      [channelId, version, id, envelope.wrappedKey, envelope.sealed],
    );
    return kept!.until;
  }

  /** undefined when none was kept, or its end is done. */
  async find(manager: EntityManager, channelId: ChannelId): Promise<RevocationCopy | undefined> {
    const rows: RevocationCopy[] = await manager.query(
      `SELECT version, key_id AS "keyId", wrapped_key AS "wrappedKey", sealed_token AS sealed,
              outcome, ${leftMs} AS "leftMs",
              EXISTS (SELECT FROM vault.leases
                       WHERE leases.channel_id = copy.channel_id AND leases.kind = 'refresh'
                         AND leases.version = copy.version AND ended_at IS NULL) AS "mayBeSpent"
         FROM vault.revocation_copies copy WHERE channel_id = $1`,
      [channelId],
    );
    return rows[0];
  }

  /** undefined when its key isn't here. */
  open(
    { version, keyId, wrappedKey, sealed }: RevocationCopy,
    target: { readonly channelId: ChannelId; readonly workspaceId: WorkspaceId },
  ): RevocationToken | undefined {
    const key = this.keys?.find(keyId);
    if (!key || !wrappedKey || !sealed) return undefined;
    try {
      const secret = openEnvelope(key, { ...target, version }, { wrappedKey, sealed });
      return JSON.parse(secret.toString()) as RevocationToken;
    } catch {
      return undefined;
    }
  }

  /**
   * Takes the token out of the row, for good, and puts the outcome there, until the key is destroyed
   * and the work is closed.
   *
   * @returns false when that was done before, or there is none
   */
  async settle(
    manager: EntityManager,
    channelId: ChannelId,
    outcome: EffectOutcomeStatus,
  ): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(
      `UPDATE vault.revocation_copies SET outcome = $2, wrapped_key = NULL, sealed_token = NULL
        WHERE channel_id = $1 AND outcome IS NULL`,
      [channelId, outcome],
    );
    return count > 0;
  }

  /** Nothing can open the token any more, wherever a backup of its row may lie. */
  destroyKey({ keyId }: Pick<RevocationCopy, 'keyId'>): void {
    this.keys?.destroy(keyId);
  }

  /** The last step: its key is destroyed by now. */
  async forget(manager: EntityManager, channelId: ChannelId): Promise<void> {
    await manager.query('DELETE FROM vault.revocation_copies WHERE channel_id = $1', [channelId]);
  }

  /** The channels whose copy must go now, whatever has become of its revocation. */
  async overdue(manager: EntityManager): Promise<ChannelId[]> {
    const rows: { channelId: ChannelId }[] = await manager.query(
      `SELECT channel_id AS "channelId" FROM vault.revocation_copies
        WHERE ${leftMs} <= 0 ORDER BY until`,
    );
    return rows.map(({ channelId }) => channelId);
  }

  /** The keys that no row names, by their ids: of a wipe that was rolled back. */
  async strays(manager: EntityManager): Promise<string[]> {
    const old = this.keys?.list(strayAfterMs) ?? [];
    if (old.length === 0) return [];
    const strays: { id: string }[] = await manager.query(
      `SELECT id FROM unnest($1::text[]) AS old (id)
        WHERE NOT EXISTS (SELECT FROM vault.revocation_copies WHERE key_id = old.id)`,
      [old],
    );
    return strays.map(({ id }) => id);
  }
}
