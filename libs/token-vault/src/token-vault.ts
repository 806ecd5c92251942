import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId, WorkspaceId } from '@app/domain';

/** What can be done with the vault without any key. */
@Injectable()
export class TokenVault {
  /**
   * Destroys the channel's data key, and with it its tokens, in the caller's transaction. What
   * stays is a tombstone, also where there was nothing: a late write finds it and is refused.
   *
   * @returns how many sets of tokens this call destroyed, 0 or 1
   */
  async wipe(
    manager: EntityManager,
    target: { readonly channelId: ChannelId; readonly workspaceId: WorkspaceId },
  ): Promise<{ tokens: number }> {
    const [, tokens]: [unknown, number] = await manager.query(
      `UPDATE vault.tokens
          SET key_id = NULL, wrapped_key = NULL, sealed_tokens = NULL, pending_event = NULL,
              report_fingerprint = NULL, wiped_at = now()
        WHERE channel_id = $1 AND wiped_at IS NULL`,
      [target.channelId],
    );
    if (tokens === 0) {
      await manager.query(
        `INSERT INTO vault.tokens (channel_id, workspace_id, version, wiped_at)
         VALUES ($1, $2, 0, now()) ON CONFLICT (channel_id) DO NOTHING`,
        [target.channelId, target.workspaceId],
      );
    }
    return { tokens };
  }
}
