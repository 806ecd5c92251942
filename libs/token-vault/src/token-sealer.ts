import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId, WorkspaceId } from '@app/domain';
import { sealEnvelope } from './envelope';
import { Keyring } from './keyring';

/** Login tokens as the platform gave them. Never logged, never in an event or a message. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** Puts tokens into the vault. Only a process that holds the keys can have one. */
@Injectable()
export class TokenSealer {
  constructor(private readonly keyring: Keyring) {}

  /** Seals the first tokens of a new channel, as version 1, in the caller's transaction. */
  async seal(
    manager: EntityManager,
    target: { readonly channelId: ChannelId; readonly workspaceId: WorkspaceId },
    tokens: Tokens,
  ): Promise<void> {
    const version = 1;
    const keyId = this.keyring.activeId;
    const { wrappedKey, sealed } = sealEnvelope(
      this.keyring.key(keyId)!,
      { ...target, version },
      Buffer.from(JSON.stringify(tokens)),
    );
    await manager.query(
      `INSERT INTO vault.tokens (channel_id, workspace_id, version, key_id, wrapped_key, sealed_tokens)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [target.channelId, target.workspaceId, version, keyId, wrappedKey, sealed],
    );
  }
}
