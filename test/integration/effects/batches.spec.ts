import type { QueryRunner } from 'typeorm';
import type { ChannelId, EffectName } from '@app/domain';
import { aPostId, aWorkspaceId, useTestBed, waitFor } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, patience, waitingJobs, workOf } from './effects-under-test';
import {
  announcement,
  cachedRows,
  connectedChannel,
  countCached,
  disconnectedChannel,
} from './given';

/** More than two batches, and not a whole number of them. */
const rows = 1_100;
const posts = 1_234;
const maxRows = 250;
const maxPosts = 500;
/** What a test holds to stop a batch in the middle. */
const gate = 4_711;

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed);
  await effects.dataSource.query(`
    CREATE TABLE public.batches (channel_id text, transaction xid8, changed int);
    CREATE TABLE public.failing (channel_id text, below int);
    CREATE FUNCTION public.note_batch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO public.batches
      SELECT channel_id, pg_current_xact_id(), count(*) FROM changed GROUP BY channel_id;
      PERFORM pg_advisory_xact_lock_shared(${gate});
      IF EXISTS (SELECT FROM changed JOIN public.failing USING (channel_id)
                  GROUP BY below HAVING count(*) < below)
      THEN RAISE EXCEPTION 'the last batch fails'; END IF;
      RETURN NULL;
    END $$;
    CREATE TABLE public.commits (channel_id text, state text, waits_for_disk text);
    CREATE FUNCTION public.note_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO public.commits
      VALUES (NEW.channel_id, NEW.state, current_setting('synchronous_commit'));
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER note_commit AFTER UPDATE OF counts, state ON effects.work
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.note_commit();
    CREATE TRIGGER note_batch AFTER DELETE ON insights.analytics_snapshots
      REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_batch();
    CREATE TRIGGER note_batch AFTER DELETE ON insights.comments
      REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_batch();
    CREATE TRIGGER note_batch AFTER UPDATE ON publishing.post_targets
      REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_batch();
  `);
});

/** Posts with one target each, on this channel. */
async function scheduledPosts(channelId: ChannelId, count: number): Promise<void> {
  await effects.dataSource.query(
    `INSERT INTO publishing.posts (id, workspace_id, status, body)
     SELECT $1 || n, $2, 'SCHEDULED', 'words' FROM generate_series(1, $3::int) n`,
    [aPostId(), aWorkspaceId(), count],
  );
  await effects.dataSource.query(
    `INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
     SELECT 'tgt_' || post.id, post.id, $1, 'SCHEDULED' FROM publishing.posts post
      WHERE NOT EXISTS (SELECT FROM publishing.post_targets WHERE post_id = post.id)`,
    [channelId],
  );
}

/** A channel that has ended, with a great deal of everything. */
async function fullChannel(): Promise<ChannelId> {
  const channelId = await disconnectedChannel(effects);
  await cachedRows(effects, channelId, rows);
  await scheduledPosts(channelId, posts);
  return channelId;
}

async function run(effect: EffectName, channelId: ChannelId): Promise<void> {
  await effects.inbox.receive(effect, announcement(channelId));
  await effects.worker.run({ effect, channelId }, patience);
}

/** What each transaction has changed, in their order. */
async function batchesOf(channelId: ChannelId): Promise<number[]> {
  const found: { changed: number }[] = await effects.dataSource.query(
    `SELECT sum(changed)::int AS changed FROM public.batches
      WHERE channel_id = $1 AND changed > 0 GROUP BY transaction ORDER BY transaction`,
    [channelId],
  );
  return found.map(({ changed }) => changed);
}

/** Ends the batches of what runs meanwhile in the middle, each before its commit. */
async function whileBatchesStop(work: () => Promise<void>): Promise<void> {
  const holder = effects.dataSource.createQueryRunner();
  try {
    await holder.query(`SELECT pg_advisory_lock(${gate})`);
    await work();
  } finally {
    await holder.query(`SELECT pg_advisory_unlock(${gate})`);
    await holder.release();
  }
}

/** The server process of the batch that has stopped at the gate. */
const stoppedBatch = (): Promise<number> =>
  waitFor(async () => {
    const waiting: { pid: number }[] = await effects.dataSource.query(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${gate} AND NOT granted`,
    );
    return waiting[0]?.pid;
  });

const effectsInBatches = [
  ['analytics-purge', maxRows, { deleted: rows }],
  ['comments-purge', maxRows, { deleted: rows }],
  ['schedule-cancel', maxPosts, { canceled: posts, publishing: 0 }],
] as const;

describe.each(effectsInBatches)('%s of a great deal', (effect, max, counts) => {
  const [total] = Object.values(counts);

  it('happens in bounded transactions, each of which adds its count', async () => {
    const channelId = await fullChannel();
    await run(effect, channelId);

    const batches = await batchesOf(channelId);
    expect(batches.length).toBeGreaterThan(2);
    expect(Math.max(...batches)).toBeLessThanOrEqual(max);
    expect(batches.reduce((sum, changed) => sum + changed)).toBe(total);
    expect(await workOf(effects, channelId, effect)).toEqual({
      state: 'done',
      counts,
      attempts: 1,
    });
  });

  it('is on the disk when it is done, and makes nobody wait for the disk before', async () => {
    const channelId = await fullChannel();
    await run(effect, channelId);
    const commits: { done: boolean; waits: string }[] = await effects.dataSource.query(
      `SELECT DISTINCT state = 'done' AS done, waits_for_disk AS waits FROM public.commits
        WHERE channel_id = $1 ORDER BY 1, 2`,
      [channelId],
    );
    expect(commits).toContainEqual({ done: false, waits: 'off' });
    expect(commits.filter(({ done }) => done)).toEqual([{ done: true, waits: 'on' }]);
  });

  it('broken off between two batches, goes on from there and counts each row once', async () => {
    const channelId = await fullChannel();
    await effects.inbox.receive(effect, announcement(channelId));
    await effects.dataSource.query('INSERT INTO public.failing VALUES ($1, $2)', [channelId, max]);
    const work = { effect, channelId } as const;
    await expect(effects.worker.run(work, patience)).rejects.toThrow('the last batch fails');
    await effects.dataSource.query('TRUNCATE public.failing');

    const key = Object.keys(counts)[0]!;
    expect(await workOf(effects, channelId, effect)).toEqual({
      state: 'pending',
      counts: { [key]: total! - (total! % max) },
      attempts: 1,
    });
    expect(await waitingJobs(effects, channelId)).toEqual([`${effect}:${channelId}`]);

    await effects.worker.run(work, patience);
    const done = { state: 'done', counts, attempts: 2 };
    expect(await workOf(effects, channelId, effect)).toEqual(done);
    expect((await batchesOf(channelId)).reduce((sum, changed) => sum + changed)).toBe(total);
  });

  it('happens once, and is counted once, when several workers have it', async () => {
    const channelId = await fullChannel();
    await effects.inbox.receive(effect, announcement(channelId));
    const work = { effect, channelId } as const;
    await Promise.all(Array.from({ length: 3 }, () => effects.worker.run(work, patience)));
    expect(await workOf(effects, channelId, effect)).toMatchObject({ state: 'done', counts });
  });

  it('locks nothing in the middle of a batch that the writers of other channels need', async () => {
    const channelId = await fullChannel();
    const other = (await connectedChannel(effects)).data.channelId;
    await cachedRows(effects, other, 10);
    await scheduledPosts(other, 10);
    let running!: Promise<void>;
    await whileBatchesStop(async () => {
      running = run(effect, channelId);
      const pid = await stoppedBatch();
      const locks: { mode: string }[] = await effects.dataSource.query(
        `SELECT DISTINCT mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation'`,
        [pid],
      );
      const shared = ['AccessShareLock', 'RowShareLock', 'RowExclusiveLock'];
      expect(locks.filter(({ mode }) => !shared.includes(mode))).toEqual([]);
      await writeAllOf(other);
    });
    await running;
    expect(await workOf(effects, channelId, effect)).toMatchObject({ state: 'done', counts });
    expect(await countCached(effects, other)).toEqual({ analytics: 9, comments: 9 });
  });
});

/** Adds, changes, locks and deletes rows of a channel; throws instead of waiting for anybody. */
async function writeAllOf(channelId: ChannelId): Promise<void> {
  await effects.dataSource.transaction(async (manager) => {
    const write = (sql: string): Promise<unknown> => manager.query(sql, [channelId]);
    // A lock that is refused at once if anybody else has it.
    await manager.query(`SET LOCAL lock_timeout = '1ms'`);
    // The gate of this test stops deletes and updates of whoever comes.
    await manager.query(`SET LOCAL session_replication_role = replica`);
    for (const table of ['analytics_snapshots', 'comments']) {
      await write(`SELECT 1 FROM insights.${table} WHERE channel_id = $1 FOR UPDATE`);
      await write(`UPDATE insights.${table} SET id = id || 'x' WHERE channel_id = $1`);
      await write(`DELETE FROM insights.${table} WHERE id =
                    (SELECT min(id) FROM insights.${table} WHERE channel_id = $1)`);
    }
    await write(`SELECT 1 FROM publishing.posts WHERE id IN
                  (SELECT post_id FROM publishing.post_targets WHERE channel_id = $1) FOR UPDATE`);
    await write(`UPDATE publishing.post_targets SET scheduled_for = now() WHERE channel_id = $1`);
    await manager.query(`SET LOCAL session_replication_role = origin`);
    await write(`INSERT INTO publishing.posts (id, workspace_id, status, body)
                 VALUES ('post_' || $1, 'ws', 'SCHEDULED', 'words')`);
    await write(`INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
                 VALUES ('tgt_' || $1, 'post_' || $1, $1, 'SCHEDULED')`);
  });
}

describe('A transaction of the effects', () => {
  let runner: QueryRunner;
  afterEach(() => runner.release().catch(() => undefined));

  it('is ended by the server when its process falls silent in the middle', async () => {
    const impatient = await effectsUnderTest(bed, { workStatementMs: 1_000 });
    const channelId = await disconnectedChannel(effects);
    await effects.inbox.receive('comments-purge', announcement(channelId));
    runner = impatient.dataSource.createQueryRunner();
    // In one go: it falls silent afterwards, and not in between as well.
    await runner.query(
      `BEGIN; SELECT FROM effects.work WHERE channel_id = '${channelId}' FOR UPDATE`,
    );

    await effects.worker.run({ effect: 'comments-purge', channelId }, patience);
    expect(await workOf(effects, channelId, 'comments-purge')).toMatchObject({ state: 'done' });
    await expect(runner.query('SELECT 1')).rejects.toThrow();
  });

  it('waits for no lock for ever', async () => {
    const impatient = await effectsUnderTest(bed, { workStatementMs: 1_000 });
    const channelId = await disconnectedChannel(effects);
    await effects.inbox.receive('comments-purge', announcement(channelId));
    runner = effects.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`SELECT 1 FROM effects.work WHERE channel_id = $1 FOR UPDATE`, [channelId]);

    const work = { effect: 'comments-purge', channelId } as const;
    await expect(impatient.worker.run(work, patience)).rejects.toThrow('statement timeout');
    await runner.rollbackTransaction();
  });
});
