import type { EntityManager } from 'typeorm';
import type { ChannelConnected, ChannelId } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { Registry } from '@app/registry';
import { aPostId, aWorkspaceId, requestedAt, useTestBed, waitFor } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, patience, workOf } from './effects-under-test';
import {
  announcement,
  bringAboutAll,
  cachedRows,
  connectedChannel,
  countCached,
  disconnect,
} from './given';

/** Writers of each kind of the channel that ends, and as many of another one. */
const perKind = 2;
const isolations = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const;
type Isolation = (typeof isolations)[number];
/** What may become of a writer of a channel that ends: it is told so, or to begin anew. */
const expected = ['written', 'PB001', '40001'];

const bed = useTestBed({ patient: true });
const registry = new Registry();
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed, { databasePoolSize: 40 });
});

let ids = 0;
const nextId = (): string => `row_${++ids}`;

/** What the other services do all day, each on rows of its own or on whatever it finds. */
const kinds: Record<string, (by: EntityManager, channelId: ChannelId) => Promise<unknown>> = {
  caches: (by, channelId) =>
    by.query(
      `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
       SELECT $1 || n, $2, now(), '{}' FROM generate_series(1, 5) AS n`,
      [nextId(), channelId],
    ),
  refreshes: (by, channelId) =>
    by.query(
      `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
       SELECT $1 || ':' || n, $1, n, 'somebody', 'words', now() FROM generate_series(1, 20) AS n
       ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      [channelId],
    ),
  schedules: async (by, channelId) => {
    const post = aPostId();
    await by.query(
      `INSERT INTO publishing.posts (id, workspace_id, status, body) VALUES ($1, $2, 'SCHEDULED', 'x')`,
      [post, aWorkspaceId()],
    );
    await by.query(
      `INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
       VALUES ($1, $2, $3, 'SCHEDULED')`,
      [nextId(), post, channelId],
    );
  },
  revives: (by, channelId) =>
    by.query(
      `UPDATE publishing.post_targets SET status = 'SCHEDULED', attempt_count = attempt_count + 1
        WHERE id = (SELECT id FROM publishing.post_targets
                     WHERE channel_id = $1 AND status IN ('CANCELED', 'FAILED', 'DRAFT')
                     LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      [channelId],
    ),
  publishes: (by, channelId) =>
    by.query(
      `WITH next AS (SELECT id, status FROM publishing.post_targets
                      WHERE channel_id = $1 AND status IN ('SCHEDULED', 'PUBLISHING')
                      LIMIT 1 FOR UPDATE SKIP LOCKED)
       UPDATE publishing.post_targets target
          SET status = CASE next.status WHEN 'SCHEDULED' THEN 'PUBLISHING' ELSE 'PUBLISHED' END
         FROM next WHERE target.id = next.id`,
      [channelId],
    ),
};

/** Writers that go on until they are stopped, and what became of each of their transactions. */
class Writers {
  readonly outcomes: string[] = [];
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>[] = [];

  constructor(
    private readonly channelId: ChannelId,
    private readonly isolations: readonly Isolation[],
  ) {
    for (const write of Object.values(kinds)) {
      for (let writer = 0; writer < perKind; writer++) this.running.push(this.writeOn(write));
    }
  }

  async stop(): Promise<string[]> {
    this.stopping.abort();
    await Promise.all(this.running);
    return this.outcomes;
  }

  private async writeOn(write: (typeof kinds)[string]): Promise<void> {
    for (let turn = 0; !this.stopping.signal.aborted; turn++) {
      const isolation = this.isolations[turn % this.isolations.length]!;
      const outcome = await effects.dataSource
        .transaction(isolation, async (manager) => {
          await manager.query('SELECT count(*) FROM insights.comments');
          await write(manager, this.channelId);
          await manager.query('SELECT 1');
        })
        .then(() => 'written')
        .catch((error: { code?: string; message: string }) => error.code ?? error.message);
      this.outcomes.push(outcome);
    }
  }
}

/** A DELETE: its event, then its ending. The effects are on their way. */
async function deleteChannel(start: ChannelConnected): Promise<void> {
  await disconnect(effects, start);
  const { channelId } = start.data;
  await registry.recordEnding(effects.dataSource.manager, channelId, 'disconnected', requestedAt);
}

async function targetsOf(channelId: ChannelId): Promise<Record<string, number>> {
  const [{ targets }]: [{ targets: Record<string, number> | null }] =
    await effects.dataSource.query(
      `SELECT jsonb_object_agg(status, n) AS targets
         FROM (SELECT status, count(*) AS n FROM publishing.post_targets
                WHERE channel_id = $1 GROUP BY status) AS counted`,
      [channelId],
    );
  return targets ?? {};
}

/** All effects at once, as the workers of several processes have them. */
async function effectsAtOnce(channelId: ChannelId): Promise<void> {
  const message = announcement(channelId);
  await Promise.all(
    announcedEffects.map(async (effect) => {
      await effects.inbox.receive(effect, message);
      const work = { effect, channelId };
      // A job tries again after what came between.
      await waitFor(async () => {
        await effects.worker.run(work, patience);
        return (await workOf(effects, channelId, effect))?.state !== 'pending';
      });
    }),
  );
}

it.each([1, 2, 3])('writers that race a disconnect leave nothing behind, round %i', async () => {
  const start = await connectedChannel(effects);
  const { channelId } = start.data;
  const other = (await connectedChannel(effects)).data.channelId;
  const writers = new Writers(channelId, isolations);
  // Of one level, so that none of them is in the way of another, and none may fail.
  const others = new Writers(other, ['READ COMMITTED']);
  await waitFor(() => writers.outcomes.length > 100 && others.outcomes.length > 100);

  await deleteChannel(start);
  await effectsAtOnce(channelId);
  const [before, othersBefore] = [writers.outcomes.length, others.outcomes.length];
  // Whoever had begun by then has ended meanwhile; whatever is written from here on is too late.
  await waitFor(() => writers.outcomes.length > before + 50);
  await waitFor(() => others.outcomes.length > othersBefore + 50);
  const [outcomes, otherOutcomes] = [await writers.stop(), await others.stop()];

  expect(outcomes.filter((outcome) => !expected.includes(outcome))).toEqual([]);
  expect(outcomes).toContain('PB001');
  expect(await countCached(effects, channelId)).toEqual({ analytics: 0, comments: 0 });
  // What was being published at that moment is left to finish.
  const { SCHEDULED, NEEDS_APPROVAL, CANCELED } = await targetsOf(channelId);
  expect({ SCHEDULED, NEEDS_APPROVAL }).toEqual({});
  expect(CANCELED).toBeGreaterThan(0);
  expect(new Set(otherOutcomes)).toEqual(new Set(['written']));
  expect((await countCached(effects, other)).comments).toBe(20);
  expect((await targetsOf(other)).CANCELED).toBeUndefined();
});

it('writers that hold their transactions open across it are waited for, then purged', async () => {
  const start = await connectedChannel(effects);
  const { channelId } = start.data;
  const other = (await connectedChannel(effects)).data.channelId;
  const open = await Promise.all(
    isolations.map(async (isolation) => {
      const runner = effects.dataSource.createQueryRunner();
      await runner.startTransaction(isolation);
      await kinds.caches!(runner.manager, channelId);
      await kinds.schedules!(runner.manager, channelId);
      return runner;
    }),
  );
  await deleteChannel(start);
  const done = bringAboutAll(effects, channelId);
  await waitFor(async () => {
    const blocked: unknown[] = await effects.dataSource.query(
      `SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return blocked.length > 0;
  });
  await effects.dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL lock_timeout = '1ms'`);
    for (const write of Object.values(kinds)) await write(manager, other);
  });
  for (const runner of open) {
    await kinds.caches!(runner.manager, channelId).catch(() => undefined);
    if (runner.isTransactionActive) await runner.commitTransaction();
    await runner.release();
  }
  await done;

  expect(await countCached(effects, channelId)).toEqual({ analytics: 0, comments: 0 });
  const { CANCELED, ...rest } = await targetsOf(channelId);
  expect(rest).toEqual({});
  expect(await workOf(effects, channelId, 'schedule-cancel')).toMatchObject({
    state: 'done',
    counts: { canceled: CANCELED, publishing: 0 },
  });
  expect(await countCached(effects, other)).toEqual({ analytics: 5, comments: 20 });
});

it('afterwards nothing brings a row or a pending target back', async () => {
  const start = await connectedChannel(effects);
  const { channelId } = start.data;
  const other = (await connectedChannel(effects)).data.channelId;
  await cachedRows(effects, channelId, 3);
  await kinds.schedules!(effects.dataSource.manager, channelId);
  for (const write of Object.values(kinds)) await write(effects.dataSource.manager, channelId);
  await kinds.schedules!(effects.dataSource.manager, other);
  await deleteChannel(start);
  await bringAboutAll(effects, channelId);
  const targets = await targetsOf(channelId);

  const { caches, refreshes, schedules, revives } = kinds;
  const move = (by: EntityManager): Promise<unknown> =>
    by.query('UPDATE publishing.post_targets SET channel_id = $1 WHERE channel_id = $2', [
      channelId,
      other,
    ]);
  for (const write of [caches, refreshes, schedules, revives]) {
    const late = effects.dataSource.transaction((manager) => write!(manager, channelId));
    await expect(late).rejects.toMatchObject({ code: 'PB001' });
  }
  await expect(effects.dataSource.transaction(move)).rejects.toMatchObject({ code: 'PB003' });
  expect(await countCached(effects, channelId)).toEqual({ analytics: 0, comments: 0 });
  expect(await targetsOf(channelId)).toEqual(targets);
  expect(await targetsOf(other)).toEqual({ SCHEDULED: 1 });
});
