import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId, WorkspaceId } from '@app/domain';
import { openEnvelope } from './envelope';
import { KekProvider } from './kek-provider';
import type { Tokens } from './token-sealer';

/** A channel's tokens as they are stored. */
export interface SealedTokens {
  readonly channelId: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly version: number;
  readonly keyId: string;
  readonly wrappedKey: Buffer;
  readonly sealed: Buffer;
}

/** The columns of {@link SealedTokens}. */
export const sealedColumns = `channel_id AS "channelId", workspace_id AS "workspaceId", version,
  key_id AS "keyId", wrapped_key AS "wrappedKey", sealed_tokens AS sealed`;

/** Reads what is in the vault. Only a process that holds the keys can have one. */
@Injectable()
export class StoredTokens {
  constructor(private readonly keks: KekProvider) {}

  /** The version that is there; undefined when nothing is, or it was wiped. */
  async versionOf(manager: EntityManager, channelId: ChannelId): Promise<number | undefined> {
    return (await this.find(manager, channelId))?.version;
  }

  /** Whether this version came by a report with that fingerprint. */
  async cameBy(
    manager: EntityManager,
    channelId: ChannelId,
    version: number,
    reportFingerprint: string,
  ): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `SELECT 1 FROM vault.tokens
        WHERE channel_id = $1 AND version = $2 AND report_fingerprint = $3`,
      [channelId, version, reportFingerprint],
    );
    return rows.length === 1;
  }

  /** What is sealed, without opening it; undefined when nothing is there, or it was wiped. */
  async find(manager: EntityManager, channelId: ChannelId): Promise<SealedTokens | undefined> {
    const rows: SealedTokens[] = await manager.query(
      `SELECT ${sealedColumns} FROM vault.tokens WHERE channel_id = $1 AND wiped_at IS NULL`,
      [channelId],
    );
    return rows[0];
  }

  /** undefined when no key that is left opens it. */
  async open(manager: EntityManager, stored: SealedTokens): Promise<Tokens | undefined> {
    const kek = await this.keks.find(stored.keyId);
    if (kek) return decrypted(kek.key, stored);
    // Rewrapped since it was read, and its former key destroyed: a rotation leaves the rest as is.
    const now = await this.find(manager, stored.channelId);
    const isRewrapped = now?.version === stored.version && now.keyId !== stored.keyId;
    return isRewrapped ? this.open(manager, now) : undefined;
  }
}

function decrypted(kek: Buffer, stored: SealedTokens): Tokens | undefined {
  try {
    return JSON.parse(openEnvelope(kek, stored, stored).toString()) as Tokens;
  } catch {
    return undefined;
  }
}
