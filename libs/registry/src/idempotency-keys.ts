import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId } from '@app/domain';

/** A caller's promise that the same key means the same request. */
export interface IdempotencyKey {
  /** The key is the credential's own: two services never share one. */
  readonly credentialId: string;
  readonly key: string;
  /** HMAC of the request's body. */
  readonly bodyFingerprint: string;
}

/** What a key stands for; the first request that uses it decides. */
export interface ReservedKey {
  readonly channelId: ChannelId;
  readonly bodyFingerprint: string;
  /** This call reserved it. */
  readonly fresh: boolean;
}

/** Which channel an `Idempotency-Key` opened (IETF draft-ietf-httpapi-idempotency-key-header). */
@Injectable()
export class IdempotencyKeys {
  /** Reserves the key for a channel, or tells for which one it was; waits for one in flight. */
  async reserve(
    manager: EntityManager,
    { credentialId, key, bodyFingerprint }: IdempotencyKey,
    channelId: ChannelId,
  ): Promise<ReservedKey> {
    const made: unknown[] = await manager.query(
      `INSERT INTO registry.idempotency_keys (credential_id, key, body_fingerprint, channel_id)
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING key`,
      [credentialId, key, bodyFingerprint, channelId],
    );
    if (made.length > 0) return { channelId, bodyFingerprint, fresh: true };

    const known: Omit<ReservedKey, 'fresh'>[] = await manager.query(
      `SELECT channel_id AS "channelId", body_fingerprint AS "bodyFingerprint"
         FROM registry.idempotency_keys WHERE credential_id = $1 AND key = $2`,
      [credentialId, key],
    );
    return { ...known[0]!, fresh: false };
  }

  /** Forgets what a key stood for when that connect was given up: it may start a new one. */
  async release(manager: EntityManager, channelId: ChannelId): Promise<void> {
    await manager.query('DELETE FROM registry.idempotency_keys WHERE channel_id = $1', [channelId]);
  }
}
