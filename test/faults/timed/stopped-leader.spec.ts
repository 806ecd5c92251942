import type { DataSource } from 'typeorm';
import type { RoleProcess } from '@app/testing';
import { connected, disconnected, useTestBed, waitFor } from '@app/testing';
import { GenerationsUnderTest } from '../../support/generations-under-test';

interface Term {
  readonly holder: string;
  readonly epoch: string;
}

describe.each([
  ['between two batches', false],
  ['in the middle of a transaction', true],
])('A leader that is stopped %s (SIGSTOP)', (_, withinTransaction) => {
  const bed = useTestBed();
  let projected: GenerationsUnderTest;
  let dataSource: DataSource;
  let stale: RoleProcess;
  beforeAll(async () => {
    projected = await GenerationsUnderTest.on(bed);
    ({ dataSource } = projected);
    stale = await startProjector();
    // Else it couldn't be ended, after a failure.
    bed.atEnd(() => Promise.resolve(void process.kill(stale.pid, 'SIGCONT')));
    await projected.append(connected(), 0);
    await projected.caughtUp();
  });

  async function startProjector(): Promise<RoleProcess> {
    // It waits for a lock with its term held: it gives up after two of them, and may not have been stopped by then.
    return bed.startRole('projector', await bed.environment({ LEADERSHIP_TERM_MS: '3000' }));
  }

  async function term(): Promise<Term> {
    const [held] = await dataSource.query<[Term]>(
      `SELECT holder, epoch FROM runtime.leadership WHERE name = 'projector:channels@1'`,
    );
    return held;
  }

  it('loses its term to a rival, and can not write when it goes on', async () => {
    const before = await term();
    const start = connected();
    await stopAt(start);
    // A stopped process answers nothing for as long as it likes; only the database can decide.
    await startProjector();
    const after = await waitFor(async () => {
      const held = await term();
      return held.holder !== before.holder && held;
    });
    expect(BigInt(after.epoch)).toBeGreaterThan(BigInt(before.epoch));
    await projected.caughtUp();
    await projected.append(disconnected(start), 1);
    await projected.caughtUp();
    const rows = await projected.rows('channels');

    process.kill(stale.pid, 'SIGCONT');
    await waitFor(() => stale.output().includes('standing by'));
    await projected.append(connected(), 0);
    await projected.caughtUp();
    expect(await term()).toMatchObject({ holder: after.holder });
    expect(await projected.rows('channels')).toEqual(expect.arrayContaining(rows));
    expect((await projected.verify('channels')).wrong).toEqual([]);
    expect((await projected.verify('receipts')).wrong).toEqual([]);
  });

  /** Stops the leader with this connect on its way, or written but not committed. */
  async function stopAt(start: ReturnType<typeof connected>): Promise<void> {
    if (!withinTransaction) {
      process.kill(stale.pid, 'SIGSTOP');
      await projected.append(start, 0);
      return;
    }
    // It waits for this lock, with its term held and nothing committed.
    const blocker = dataSource.createQueryRunner();
    await blocker.startTransaction();
    await blocker.query('SELECT FROM runtime.generations FOR UPDATE');
    await projected.append(start, 0);
    await waitFor(async () => {
      const waiting: unknown[] = await dataSource.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
            AND query LIKE '%runtime.generations%'`,
      );
      return waiting.length > 0;
    });
    process.kill(stale.pid, 'SIGSTOP');
    await blocker.rollbackTransaction();
    await blocker.release();
  }
});
