import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { AnnouncedEffect, ChannelId } from '@app/domain';
import { behindTheFence } from '../../support/fence';

type Statement = readonly [sql: string, ...parameters: unknown[]];

/** What each effect should have taken away. */
const survivorOf: Readonly<Record<AnnouncedEffect, (channelId: ChannelId) => Statement[]>> = {
  'token-wipe': (channelId) => [
    [
      `UPDATE vault.tokens SET wiped_at = NULL, key_id = 'k', wrapped_key = 'w', sealed_tokens = 's'
        WHERE channel_id = $1`,
      channelId,
    ],
  ],
  'analytics-purge': (channelId) => [
    [
      `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
       VALUES ($1, $2, now(), '{}')`,
      ...[ulid(), channelId],
    ],
  ],
  'comments-purge': (channelId) => [
    [
      `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
       VALUES ($1, $2, 'x', 'somebody', 'words', now())`,
      ...[ulid(), channelId],
    ],
  ],
  'schedule-cancel': (channelId) => {
    const post = `post_${ulid()}`;
    return [
      [
        `INSERT INTO publishing.posts (id, workspace_id, status, body)
         VALUES ($1, 'ws', 'SCHEDULED', 'x')`,
        post,
      ],
      [
        `INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
         VALUES ($1, $2, $3, 'NEEDS_APPROVAL')`,
        ...[`tgt_${ulid()}`, post, channelId],
      ],
    ];
  },
};

/** Something that survived its channel, as nothing could write it: no trigger sees it. */
export async function plantSurvivor(
  dataSource: DataSource,
  effect: AnnouncedEffect,
  channelId: ChannelId,
): Promise<void> {
  await behindTheFence(dataSource, async (manager) => {
    for (const [sql, ...parameters] of survivorOf[effect](channelId)) {
      await manager.query(sql, parameters);
    }
  });
}
