import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import type { AnnouncedEffect, ChannelId } from '@app/domain';
import { channelStream, EventStore } from '@app/event-store';
import { linesOf } from '@app/observability';
import { requestEffect } from '../runtime/jobs';
import { reopenWork } from '../runtime/work';
import type { Finding } from './findings';
import { recordFindings } from './findings';
import { countFindings } from './reconciler-metrics';
import { beginWatch } from './watches';

/** The job that looks for survivors. */
export const survivorsTask = 'survivors';
/** Endings that one statement looks through. */
const pageSize = 2_000;

/** SQL: what an effect should have taken away from a channel that has ended, if any of it is there. */
const leftOf: Readonly<Record<AnnouncedEffect, string>> = {
  'token-wipe': `SELECT FROM vault.tokens
    WHERE tokens.channel_id = ending.channel_id AND wiped_at IS NULL`,
  'analytics-purge': `SELECT FROM insights.analytics_snapshots snapshot
    WHERE snapshot.channel_id = ending.channel_id`,
  'comments-purge': `SELECT FROM insights.comments comment
    WHERE comment.channel_id = ending.channel_id`,
  'schedule-cancel': `SELECT FROM publishing.post_targets target
    WHERE target.channel_id = ending.channel_id AND target.status IN ('SCHEDULED', 'NEEDS_APPROVAL')`,
};

const survivorsSql = Object.entries(leftOf)
  .map(
    ([effect, left]) => `
      SELECT 'survivor' AS kind, ending.channel_id AS "channelId", '${effect}' AS effect
        FROM page ending
       WHERE EXISTS (${left})
         AND NOT EXISTS (SELECT FROM effects.work
                          WHERE work.channel_id = ending.channel_id AND work.effect = '${effect}'
                            AND work.state IN ('pending', 'parked'))
         AND (ending.kind = 'disconnected' OR '${effect}' = 'token-wipe')`,
  )
  .join(' UNION ALL ');

/** What effects should have taken away from a channel that has ended, and is there. */
export async function survivorsOf(
  manager: EntityManager,
  channelId: ChannelId,
): Promise<AnnouncedEffect[]> {
  const rows: { effect: AnnouncedEffect }[] = await manager.query(
    `WITH ending AS (SELECT $1::text AS channel_id)
     ${Object.entries(leftOf)
       .map(([effect, left]) => `SELECT '${effect}' AS effect FROM ending WHERE EXISTS (${left})`)
       .join(' UNION ALL ')}`,
    [channelId],
  );
  return rows.map(({ effect }) => effect);
}

interface Page {
  readonly findings: readonly Finding[];
  /** Where the next page begins; null after the last one. */
  readonly last: string | null;
}

/**
 * Looks at every channel that has ended for what should be gone and is there, and for disconnects
 * that nobody watches. What it finds is done by the same effects, which ask the channel's stream
 * before they touch anything, and is written down: each finding means that something above failed.
 */
@Injectable()
export class Survivors {
  private readonly say = linesOf(Survivors.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: EventStore,
    private readonly settings: Settings,
  ) {}

  /** One pass over all endings. */
  async scan(signal: AbortSignal): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (let after: string | null = ''; after !== null && !signal.aborted;) {
      const { findings, last } = await this.page(after);
      for (const finding of findings) await this.repair(finding);
      found.push(...findings);
      after = last;
    }
    return found;
  }

  private async page(after: string): Promise<Page> {
    const [page]: [Page] = await this.dataSource.query(
      `WITH page AS MATERIALIZED (
         SELECT channel_id, kind FROM registry.endings
          WHERE channel_id > $1 AND ended_at < clock_timestamp() - $3 * interval '1 millisecond'
          ORDER BY channel_id LIMIT $2),
       finding AS (
         ${survivorsSql}
         UNION ALL
         SELECT 'unwatched', channel_id, NULL FROM page
          WHERE kind = 'disconnected'
            AND NOT EXISTS (SELECT FROM effects.disconnections watched
                             WHERE watched.channel_id = page.channel_id))
       SELECT (SELECT max(channel_id) FROM page) AS last,
              (SELECT coalesce(json_agg(finding ORDER BY "channelId", effect), '[]') FROM finding) AS findings`,
      [after, pageSize, this.settings.reconcileAfterMs],
    );
    return page;
  }

  private async repair(finding: Finding): Promise<void> {
    const { channelId, kind, effect } = finding;
    const whose = effect ?? undefined;
    this.say('found by the reconciler: repaired now', { channelId, kind, effect: whose });
    await this.dataSource.transaction(async (manager) => {
      await recordFindings(manager, [finding]);
      if (finding.kind === 'unwatched') return this.watch(manager, finding.channelId);
      const work = { effect: finding.effect!, channelId: finding.channelId };
      await reopenWork(manager, work);
      await requestEffect(manager, work);
    });
    countFindings([finding]);
  }

  /** Only what the stream says is watched: an ending may have been written by mistake. */
  private async watch(manager: EntityManager, channelId: ChannelId): Promise<void> {
    const end = await this.store.readLast(channelStream(channelId));
    if (end?.event.type === 'ChannelDisconnected') await beginWatch(manager, end.event.data, 0);
  }
}
