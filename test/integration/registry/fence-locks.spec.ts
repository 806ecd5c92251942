import type { DataSource, QueryRunner } from 'typeorm';
import type { ChannelId } from '@app/domain';
import { Registry } from '@app/registry';
import { requestedAt, useTestBed, waitFor } from '@app/testing';
import { registeredChannel } from '../../support/fence';

type Isolation = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

const registry = new Registry();
const bed = useTestBed();
let dataSource: DataSource;
beforeAll(async () => {
  dataSource = await bed.dataSource([], { size: 30 });
});

const opened: QueryRunner[] = [];
afterEach(async () => {
  for (const runner of opened.splice(0)) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await runner.release().catch(() => undefined);
  }
});

/** A writer in the middle of a transaction, which has its snapshot already. */
async function writer(isolation: Isolation = 'READ COMMITTED'): Promise<QueryRunner> {
  const runner = dataSource.createQueryRunner();
  opened.push(runner);
  await runner.startTransaction(isolation);
  await runner.query('SELECT count(*) FROM insights.comments');
  return runner;
}

let rows = 0;

interface Queryable {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

function write(by: Queryable, ...channelIds: ChannelId[]): Promise<unknown> {
  return by.query(
    `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
     SELECT $1 || ':' || channel_id, channel_id, 'c1', 'somebody', 'words', now()
       FROM unnest($2::text[]) AS channel_id`,
    [`row_${++rows}`, channelIds],
  );
}

const recordEnding = (channelId: ChannelId, manager = dataSource.manager): Promise<void> =>
  registry.recordEnding(manager, channelId, 'disconnected', requestedAt);

const end = (channelId: ChannelId): Promise<void> => registry.end(dataSource.manager, channelId);

async function rowsOf(channelId: ChannelId): Promise<number> {
  const [{ count }]: [{ count: number }] = await dataSource.query(
    'SELECT count(*)::int AS count FROM insights.comments WHERE channel_id = $1',
    [channelId],
  );
  return count;
}

async function stateOf(channelId: ChannelId): Promise<string> {
  const [{ state }]: [{ state: string }] = await dataSource.query(
    'SELECT state FROM registry.channels WHERE id = $1',
    [channelId],
  );
  return state;
}

/** So many sessions of this database wait for a lock. */
const waiting = (count: number): Promise<unknown> =>
  waitFor(async () => {
    const blocked: unknown[] = await dataSource.query(
      `SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return blocked.length === count;
  });

/** Throws instead of waiting for a lock. */
async function impatiently<T>(work: (by: QueryRunner) => Promise<T>): Promise<T> {
  const runner = await writer();
  await runner.query(`SET LOCAL lock_timeout = '1ms'`);
  const done = await work(runner);
  await runner.commitTransaction();
  return done;
}

describe('A writer inside the fence', () => {
  it.each<Isolation>(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])(
    'is waited for, so what it writes is there to be purged: %s',
    async (isolation) => {
      const channelId = await registeredChannel(dataSource);
      const inside = await writer(isolation);
      await write(inside, channelId);
      await recordEnding(channelId);

      const ending = end(channelId);
      await waiting(1);
      await inside.commitTransaction();
      await ending;

      expect(await rowsOf(channelId)).toBe(1);
      expect(await stateOf(channelId)).toBe('ended');
      await expect(write(dataSource, channelId)).rejects.toMatchObject({ code: 'PB001' });
    },
  );

  it('keeps nobody waiting but the end of its channel', async () => {
    const [channelId, other] = [
      await registeredChannel(dataSource),
      await registeredChannel(dataSource),
    ];
    const inside = await writer();
    await write(inside, channelId);
    // Writers of its own channel, and a reauthorization.
    await impatiently((by) => write(by, channelId));
    await impatiently((by) => registry.regrant(by.manager, channelId, 'b0', requestedAt));

    const ending = end(channelId);
    await waiting(1);
    await impatiently((by) => write(by, other));
    await impatiently((by) => registry.regrant(by.manager, other, 'b0', requestedAt));
    await impatiently((by) => registry.endWithoutWaiting(by.manager, other));
    await inside.rollbackTransaction();
    await ending;
  });

  it('is not waited for by who has the channels of others on hand', async () => {
    const [busy, free] = [await registeredChannel(dataSource), await registeredChannel(dataSource)];
    const inside = await writer();
    await write(inside, busy);
    for (const channelId of [busy, free]) {
      await impatiently((by) => registry.endWithoutWaiting(by.manager, channelId));
    }
    expect([await stateOf(busy), await stateOf(free)]).toEqual(['live', 'ended']);
  });

  it('is never in a deadlock with another, in whatever order they take their channels', async () => {
    const [one, two] = [await registeredChannel(dataSource), await registeredChannel(dataSource)];
    const [first, second] = [await writer(), await writer()];
    await write(first, one);
    await write(second, two);
    const endings = [end(one), end(two)];
    await waiting(2);
    await write(first, two);
    await write(second, one);
    await first.commitTransaction();
    await second.commitTransaction();
    await Promise.all(endings);
    expect([await rowsOf(one), await rowsOf(two)]).toEqual([2, 2]);
  });
});

describe('A writer that comes while a channel ends', () => {
  it('waits, is refused when it has ended, and let in when it has not after all', async () => {
    const channelId = await registeredChannel(dataSource);
    for (const outcome of ['rollback', 'commit']) {
      const ending = await writer();
      await recordEnding(channelId, ending.manager);
      await registry.end(ending.manager, channelId);
      const writing = write(dataSource, channelId).then(
        () => 'written',
        ({ code }: { code: string }) => code,
      );
      await waiting(1);
      if (outcome === 'commit') await ending.commitTransaction();
      else await ending.rollbackTransaction();
      expect(await writing).toBe(outcome === 'commit' ? 'PB001' : 'written');
    }
    expect(await rowsOf(channelId)).toBe(1);
  });

  it.each<Isolation>(['REPEATABLE READ', 'SERIALIZABLE'])(
    'with a snapshot of before must begin anew: %s',
    async (isolation) => {
      const channelId = await registeredChannel(dataSource);
      const late = await writer(isolation);
      await recordEnding(channelId);
      await end(channelId);
      await expect(write(late, channelId)).rejects.toMatchObject({ code: '40001' });
      await late.rollbackTransaction();

      const anew = await writer(isolation);
      await expect(write(anew, channelId)).rejects.toMatchObject({ code: 'PB001' });
    },
  );

  it.each<Isolation>(['REPEATABLE READ', 'SERIALIZABLE'])(
    'with a snapshot of before a reauthorization and the end, too: %s',
    async (isolation) => {
      const channelId = await registeredChannel(dataSource);
      const late = await writer(isolation);
      await registry.regrant(dataSource.manager, channelId, 'b0', requestedAt);
      const inTime = await writer(isolation);
      await write(late, channelId);
      await late.rollbackTransaction();

      const later = await writer(isolation);
      await registry.regrant(dataSource.manager, channelId, 'c0', '2026-12-24T00:00:00.000Z');
      await recordEnding(channelId);
      await end(channelId);
      await expect(write(later, channelId)).rejects.toMatchObject({ code: '40001' });
      await expect(write(inTime, channelId)).rejects.toMatchObject({ code: '40001' });
      expect(await rowsOf(channelId)).toBe(0);
    },
  );

  it('never keeps it from ending, however many come', async () => {
    const [channelId, other] = [
      await registeredChannel(dataSource),
      await registeredChannel(dataSource),
    ];
    const stopping = new AbortController();
    const outcomes: string[] = [];
    // Each has its transaction open for a while, so that there is always somebody inside.
    const writeOn = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        const runner = await writer();
        const outcome = await write(runner, channelId).then(
          () => 'written',
          ({ code }: { code: string }) => code,
        );
        outcomes.push(outcome);
        if (outcome === 'written') {
          for (let more = 0; more < 10; more++) await runner.query('SELECT 1');
          await runner.commitTransaction();
        } else await runner.rollbackTransaction();
        await runner.release();
      }
    };
    const writers = Array.from({ length: 12 }, writeOn);
    await waitFor(() => outcomes.length > 50);
    await recordEnding(channelId);
    await dataSource.transaction(async (manager) => {
      // Of all its waits together, which are for one writer after another.
      await manager.query(`SET LOCAL statement_timeout = '30s'`);
      await registry.end(manager, channelId);
    });
    const left = await rowsOf(channelId);
    const seen = outcomes.length;
    await waitFor(() => outcomes.length > seen + 50);
    stopping.abort();
    await Promise.all(writers);

    expect(await rowsOf(channelId)).toBe(left);
    expect(new Set(outcomes)).toEqual(new Set(['written', 'PB001']));
    expect(outcomes.slice(seen)).not.toContain('written');
    await impatiently((by) => write(by, other));
  });
});

describe('A writer that falls silent', () => {
  const limitOf = async (by: QueryRunner): Promise<string> => {
    const rows = (await by.query(
      `SELECT current_setting('idle_in_transaction_session_timeout') AS limit`,
    )) as { limit: string }[];
    return rows[0]!.limit;
  };

  it.each([
    ['0', '1min'],
    ['2min', '1min'],
    ['30s', '30s'],
  ])('with a limit of its own of %s is ended after %s', async (own, limit) => {
    const channelId = await registeredChannel(dataSource);
    const silent = await writer();
    await silent.query(`SET LOCAL idle_in_transaction_session_timeout = '${own}'`);
    await write(silent, channelId);
    expect(await limitOf(silent)).toBe(limit);
  });

  it('is limited by any write of content, and for that transaction only', async () => {
    const channelId = await registeredChannel(dataSource);
    await write(dataSource, channelId);
    const silent = await writer();
    expect(await limitOf(silent)).toBe('0');
    await silent.query(`UPDATE insights.comments SET body = 'other words' WHERE channel_id = $1`, [
      channelId,
    ]);
    expect(await limitOf(silent)).toBe('1min');
    await silent.commitTransaction();
    expect(await limitOf(silent)).toBe('0');
  });

  it('is ended by the server, and the channel after it', async () => {
    const channelId = await registeredChannel(dataSource);
    const silent = await writer();
    await write(silent, channelId);
    await silent.query(`SET LOCAL idle_in_transaction_session_timeout = '1s'`);
    await recordEnding(channelId);
    await end(channelId);
    expect([await stateOf(channelId), await rowsOf(channelId)]).toEqual(['ended', 0]);
  });
});
