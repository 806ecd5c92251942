import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId, WorkspaceId } from '@app/domain';
import type { Envelope } from './envelope';
import { sealEnvelope } from './envelope';
import { lockForSealing } from './keks-lock';
import { KekProvider } from './kek-provider';
import type { PendingTokenEvent } from './pending-token-event';
import { requestFinishing } from './pending-token-event';
import { TokenEventPending, TokensWiped, TokenVersionMismatch } from './vault-errors';

/** Login tokens as the platform gave them. Never logged, never in an event or a message. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** Whose tokens they are; the envelope is bound to both. */
export interface VaultTarget {
  readonly channelId: ChannelId;
  readonly workspaceId: WorkspaceId;
}

/** New tokens in the place of a channel's earlier ones. */
export interface Replacement {
  readonly tokens: Tokens;
  /** When the access token ends, ISO 8601 UTC; null when it never does. */
  readonly tokenExpiresAt: string | null;
  /** The version that they replace; null: whichever is there. */
  readonly replaces: number | null;
  /** HMAC of the report that brings them, to know it again; null when nothing repeats it. */
  readonly reportFingerprint: string | null;
  /**
   * Decides the event of the new version; what it throws reaches the caller, and nothing is stored.
   */
  readonly event: (version: number) => PendingTokenEvent;
}

interface Stored {
  readonly version: number;
  readonly isWiped: boolean;
  readonly isPending: boolean;
}

/** Puts tokens into the vault. Only a process that holds the keys can have one. */
@Injectable()
export class TokenSealer {
  constructor(private readonly keks: KekProvider) {}

  /** Seals the first tokens of a new channel, as version 1, in the caller's transaction. */
  async seal(
    manager: EntityManager,
    target: VaultTarget,
    tokens: Tokens,
    tokenExpiresAt: string | null = null,
  ): Promise<void> {
    const version = 1;
    const { keyId, wrappedKey, sealed } = await this.envelopeOf(manager, target, version, tokens);
    await manager.query(
      `INSERT INTO vault.tokens
              (channel_id, workspace_id, version, key_id, wrapped_key, sealed_tokens, token_expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [target.channelId, target.workspaceId, version, keyId, wrappedKey, sealed, tokenExpiresAt],
    );
  }

  /**
   * Seals new tokens in the caller's transaction, as the next version, together with the event that
   * records it and the job that carries the event into the stream, should this process die. The
   * caller appends the event afterwards; leases of the former version are void.
   *
   * @returns the new version
   * @throws TokensWiped, TokenVersionMismatch
   * @throws TokenEventPending: an earlier change isn't in the stream yet, finish that first
   */
  async reseal(
    manager: EntityManager,
    target: VaultTarget,
    replacement: Replacement,
  ): Promise<number> {
    // Before the row: a rotation that waits must not find the two locks taken the other way round.
    await lockForSealing(manager);
    const stored = await lockStored(manager, target.channelId);
    if (stored?.isWiped) throw new TokensWiped();
    if (stored?.isPending) throw new TokenEventPending();
    const { replaces, tokens, tokenExpiresAt, reportFingerprint } = replacement;
    if (replaces !== null && stored?.version !== replaces) throw new TokenVersionMismatch();

    const version = (stored?.version ?? 0) + 1;
    const pending = replacement.event(version);
    const { keyId, wrappedKey, sealed } = await this.envelopeOf(manager, target, version, tokens);
    // No row at all after an older backup was restored: reauthorizing brings it back.
    await manager.query(
      `INSERT INTO vault.tokens AS stored
              (channel_id, workspace_id, version, key_id, wrapped_key, sealed_tokens,
               token_expires_at, report_fingerprint, pending_event)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (channel_id) DO UPDATE
          SET version = excluded.version, key_id = excluded.key_id,
              wrapped_key = excluded.wrapped_key, sealed_tokens = excluded.sealed_tokens,
              token_expires_at = excluded.token_expires_at, sealed_at = now(),
              report_fingerprint = excluded.report_fingerprint,
              pending_event = excluded.pending_event`,
      [
        target.channelId,
        target.workspaceId,
        version,
        keyId,
        wrappedKey,
        sealed,
        tokenExpiresAt,
        reportFingerprint,
        JSON.stringify(pending),
      ],
    );
    await requestFinishing(manager, target.channelId);
    return version;
  }

  private async envelopeOf(
    manager: EntityManager,
    target: VaultTarget,
    version: number,
    tokens: Tokens,
  ): Promise<Envelope & { readonly keyId: string }> {
    await lockForSealing(manager);
    const { id: keyId, key } = await this.keks.active();
    const { channelId, workspaceId } = target;
    const secret = Buffer.from(JSON.stringify(tokens));
    return { keyId, ...sealEnvelope(key, { channelId, workspaceId, version }, secret) };
  }
}

async function lockStored(
  manager: EntityManager,
  channelId: ChannelId,
): Promise<Stored | undefined> {
  const rows: Stored[] = await manager.query(
    `SELECT version, wiped_at IS NOT NULL AS "isWiped", pending_event IS NOT NULL AS "isPending"
       FROM vault.tokens WHERE channel_id = $1 FOR UPDATE`,
    [channelId],
  );
  return rows[0];
}
