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
    // One statement: whoever stores the first tokens at this moment is waited for, and then wiped.
    const wiped: { version: number }[] = await manager.query(
      `INSERT INTO vault.tokens AS stored (channel_id, workspace_id, version, wiped_at)
       VALUES ($1, $2, 0, now())
       ON CONFLICT (channel_id) DO UPDATE
          SET key_id = NULL, wrapped_key = NULL, sealed_tokens = NULL, pending_event = NULL,
              report_fingerprint = NULL, wiped_at = now()
        WHERE stored.wiped_at IS NULL
       RETURNING version`,
      [target.channelId, target.workspaceId],
    );
    // Version 0 is a tombstone where there was nothing.
    const tokens = wiped.filter(({ version }) => version > 0).length;
    return { tokens };
  }
}
