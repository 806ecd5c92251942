import type { QueryRunner } from 'typeorm';
import { DataSource } from 'typeorm';
import type { Term } from '@app/leadership';
import { runAsLeader, TermLost } from '@app/leadership';
import type { WorkState } from '@app/observability';
import { workBoard } from '@app/observability';
import { dataSourceOptions } from '@app/persistence';
import { useTestBed, waitFor } from '@app/testing';
import { TcpProxy } from '../../support/tcp-proxy';

/** Renewed after a third of it: a process that stands still for some seconds still has its term. */
const usualTermMs = 6_000;
/** Milliseconds: some seconds on a busy machine, and far from a third of a minute. */
const handOverWithinMs = 10_000;

/** A process that stands as a candidate, as the test sees it. */
interface Candidate {
  /** The term that it holds now. */
  readonly term: Term | undefined;
  /** The terms that it has held so far. */
  readonly epochs: string[];
  stop(): Promise<void>;
}

describe('leadership', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
  });

  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await dataSource.query('DELETE FROM runtime.leadership');
  });

  function stand(
    lead: (term: Term) => Promise<void> = untilEnd,
    { termMs = usualTermMs, through = dataSource } = {},
  ): Candidate {
    const ending = new AbortController();
    const candidate = { term: undefined as Term | undefined, epochs: [] as string[] };
    const { signal } = ending;
    const options = { name: 'relay', dataSource: through, termMs, signal };
    const running = runAsLeader(options, async (term) => {
      candidate.term = term;
      candidate.epochs.push(term.epoch);
      await lead(term).finally(() => (candidate.term = undefined));
    });
    const stop = async (): Promise<void> => {
      ending.abort();
      await running;
    };
    stops.push(stop);
    return Object.assign(candidate, { stop });
  }

  /** Takes the term away, as a rival does after it has run out. */
  async function usurp(): Promise<void> {
    await dataSource.query(
      `UPDATE runtime.leadership
          SET holder = 'a rival', epoch = epoch + 1,
              expires_at = clock_timestamp() + interval '1 hour'`,
    );
  }

  it('is held by one candidate at a time, also over many renewals', async () => {
    const termMs = 4_500;
    const [one, other] = [stand(untilEnd, { termMs }), stand(untilEnd, { termMs })];
    const first = await waitFor(() => one.term ?? other.term);
    const expiry = await expiryOf(dataSource);
    // Renewed twice, a third of a term each time.
    await waitFor(async () => (await expiryOf(dataSource)) > expiry + termMs / 2);
    expect([one.term, other.term].filter((term) => term !== undefined)).toEqual([first]);
    expect(first.signal.aborted).toBe(false);
  });

  it('passes at once, with a higher epoch, when the leader stops', async () => {
    const leader = stand();
    const { epoch } = await waitFor(() => leader.term);
    const standBy = stand();
    await leader.stop();
    const next = await waitFor(() => standBy.term);
    expect(BigInt(next.epoch)).toBe(BigInt(epoch) + 1n);
  });

  it('passes to a stand-by within about a second, however long a term is', async () => {
    const termMs = 60_000;
    const leader = stand(untilEnd, { termMs });
    await waitFor(() => leader.term);
    const asking = jest.spyOn(dataSource, 'createQueryRunner');
    const standBy = stand(untilEnd, { termMs });
    // It has looked once, in vain: the next look is what this is about.
    await waitFor(() => (asking.mock.results[0]?.value as QueryRunner | undefined)?.isReleased);
    asking.mockRestore();
    await leader.stop();
    const stopped = performance.now();
    await waitFor(() => standBy.term);
    expect(performance.now() - stopped).toBeLessThan(handOverWithinMs);
  });

  it('passes when the leader died without a word, but not before its term is over', async () => {
    await dataSource.query(
      `INSERT INTO runtime.leadership
       VALUES ('relay', 'a dead process', 7, clock_timestamp() + interval '500 milliseconds')`,
    );
    const over = await expiryOf(dataSource);
    const standBy = stand();
    const { epoch } = await waitFor(() => standBy.term);
    expect(epoch).toBe('8');
    expect(await databaseTime(dataSource)).toBeGreaterThanOrEqual(over);
  });

  it('ends the leader whose term somebody else has: its signal, and every write that it tries', async () => {
    const leader = stand();
    const term = await waitFor(() => leader.term);
    await dataSource.transaction((manager) => term.assertHeld(manager));
    await usurp();
    await expect(dataSource.transaction((manager) => term.assertHeld(manager))).rejects.toThrow(
      TermLost,
    );
    await waitFor(() => term.signal.aborted);
    await waitFor(() => leader.term === undefined);
    // Its own end must not give back what a rival holds.
    await leader.stop();
    expect(await holder(dataSource)).toBe('a rival');
  });

  it('refuses a write after the term has run out, although nobody has taken it', async () => {
    const leader = stand();
    const term = await waitFor(() => leader.term);
    await dataSource.query(
      `UPDATE runtime.leadership SET expires_at = clock_timestamp() - interval '1 second'`,
    );
    await expect(dataSource.transaction((manager) => term.assertHeld(manager))).rejects.toThrow(
      TermLost,
    );
  });

  it('keeps a rival out until the transaction that proved it has ended', async () => {
    const leader = stand();
    const term = await waitFor(() => leader.term);
    let usurped = false;
    const { rival } = await dataSource.transaction(async (manager) => {
      await term.assertHeld(manager);
      const rival = usurp().then(() => (usurped = true));
      await waitFor(() => isWaitingForALock(dataSource));
      expect(usurped).toBe(false);
      return { rival };
    });
    await rival;
    expect(usurped).toBe(true);
  });

  it('is taken over a new connection after the ones that there were have fallen silent', async () => {
    const proxy = await TcpProxy.before(await bed.databaseUrl());
    bed.atEnd(() => proxy.close());
    // One, so that no other is left.
    const pool = { size: 1, timeoutMs: 300 };
    const behind = new DataSource(dataSourceOptions(proxy.url, pool));
    await waitFor(async () => (await behind.initialize()).isInitialized);
    bed.atEnd(() => behind.destroy());
    await dataSource.query(
      `INSERT INTO runtime.leadership
       VALUES ('relay', 'a leader', 7, clock_timestamp() + interval '1 hour')`,
    );
    // A look takes as long as a term at most.
    const standBy = stand(untilEnd, { termMs: 1_500, through: behind });
    const stateIs = (wanted: WorkState<'leadership'>): Promise<true> =>
      waitFor(() => workBoard.of('leadership', 'relay').state === wanted);
    await stateIs('standing by');
    proxy.hang();
    await stateIs('no candidate');
    proxy.heal();
    await stateIs('standing by');
    await dataSource.query('UPDATE runtime.leadership SET expires_at = clock_timestamp()');
    await waitFor(() => standBy.term);
  });

  it('is stood for again when what was led has ended', async () => {
    const leader = stand(() => Promise.resolve());
    await waitFor(() => leader.epochs.length >= 2);
    expect(BigInt(leader.epochs[1]!)).toBe(BigInt(leader.epochs[0]!) + 1n);
  });

  it('ends with what the leader failed with, and leaves the term to others', async () => {
    const signal = new AbortController().signal;
    const options = { name: 'relay', dataSource, termMs: usualTermMs, signal };
    const failing = runAsLeader(options, () => Promise.reject(new Error('an unknown event')));
    await expect(failing).rejects.toThrow('an unknown event');
    expect(await expiryOf(dataSource)).toBeLessThanOrEqual(await databaseTime(dataSource));
  });

  it('is one for each name', async () => {
    const leader = stand();
    await waitFor(() => leader.term);
    const ending = new AbortController();
    const { signal } = ending;
    let leads = false;
    await runAsLeader({ name: 'projector', dataSource, termMs: usualTermMs, signal }, () => {
      leads = true;
      ending.abort();
      return Promise.resolve();
    });
    expect(leads).toBe(true);
    expect(leader.term).toBeDefined();
  });
});

/** Leads until the term ends. */
async function untilEnd({ signal }: Term): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

async function one<T>(dataSource: DataSource, sql: string): Promise<T> {
  const rows: { value: T }[] = await dataSource.query(sql);
  return rows[0]!.value;
}

function expiryOf(dataSource: DataSource): Promise<number> {
  return one(
    dataSource,
    `SELECT (extract(epoch FROM expires_at) * 1000)::float AS value
       FROM runtime.leadership WHERE name = 'relay'`,
  );
}

function databaseTime(dataSource: DataSource): Promise<number> {
  return one(dataSource, 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float AS value');
}

function holder(dataSource: DataSource): Promise<string> {
  return one(dataSource, `SELECT holder AS value FROM runtime.leadership WHERE name = 'relay'`);
}

function isWaitingForALock(dataSource: DataSource): Promise<boolean> {
  return one(
    dataSource,
    `SELECT EXISTS (SELECT FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'
                       AND query LIKE '%a rival%') AS value`,
  );
}
