import type { ChannelConnected } from '@app/domain';
import { projections } from '@app/projections';
import { ChannelRows } from '@app/queries';
import type { OpsRun } from '@app/testing';
import {
  aWorkspaceId,
  connected,
  paced,
  refreshed,
  runOps,
  useTestBed,
  waitFor,
} from '@app/testing';
import { GenerationsUnderTest } from '../../support/generations-under-test';

/** Each a second. */
const [reads, writes] = [100, 100];
/** Milliseconds that a swap makes a read wait; the ceiling of the issue. */
const slowest = 200;
/** How often all of it is done, and at most, until no read of one of the rounds had to wait for longer. */
const [rounds, mostRounds] = [2, 5];

describe('Readers and writers', () => {
  const bed = useTestBed();
  const workspaceId = aWorkspaceId();
  const channels: ChannelConnected[] = [];
  const revisions = new Map<string, number>();
  let projected: GenerationsUnderTest;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    projected = await GenerationsUnderTest.on(bed);
    env = await bed.environment();
    await bed.startRole('projector', env);
    for (let n = 0; n < 500; n++) {
      const start = connected({ workspaceId });
      channels.push(start);
      await projected.append(start, 0);
    }
    await projected.caughtUp();
  });

  const ops = async (...args: string[]): Promise<OpsRun> => {
    const run = await runOps(['projections', ...args, '--reason', 'a test'], env, bed.folder);
    expect(run).toMatchObject({ code: 0 });
    return run;
  };

  it('see every channel all the time, while generations are built, swapped, rolled back and dropped', async () => {
    const rows = new ChannelRows(projected.dataSource);
    const seen = { fewest: Infinity, reads: 0, refreshes: 0 };
    /** Of each round: how much longer the slowest read took than what the machine takes anyway. */
    const waited: number[] = [];
    const read = async (n: number): Promise<void> => {
      const [list, one] = await Promise.all([
        rows.list([workspaceId], 20, null),
        rows.find(channels[n % channels.length]!.data.channelId),
      ]);
      seen.fewest = Math.min(seen.fewest, list.length);
      if (!one) throw new Error('a channel was not there');
    };
    // Over connections of their own, and of nothing that a swap has to do with: what the machine takes.
    const others = await bed.dataSource();
    const ask = (): Promise<unknown> =>
      Promise.all([others.query('SELECT 1'), others.query('SELECT 2')]);
    // Connections are opened before: what they take is nobody's wait for a swap.
    await Promise.all(Array.from({ length: 50 }, (_, n) => Promise.all([read(n), ask()])));
    const writing = paced(writes, async (n) => {
      const start = channels[n % channels.length]!;
      const { channelId } = start.data;
      const revision = (revisions.get(channelId) ?? 0) + 1;
      revisions.set(channelId, revision);
      const refreshedAt = new Date(Date.parse('2026-11-01T12:00:00Z') + n).toISOString();
      await projected.append(refreshed(start, { refreshedAt }), revision);
      seen.refreshes++;
    });

    const isInTime = (): boolean => Math.min(...waited) < slowest;
    while (waited.length < rounds || (!isInTime() && waited.length < mostRounds)) {
      const [reading, asking] = [paced(reads, read), paced(reads, ask)];
      await ops('replay', 'channels');
      await ops('rollback', 'channels');
      await ops('swap', 'channels');
      await ops('prune', 'channels', '--yes');
      const [seenReads, asked] = [await reading.stop(), await asking.stop()];
      expect(seenReads.failures).toEqual([]);
      seen.reads += seenReads.count;
      waited.push(Math.max(...seenReads.took) - Math.max(...asked.took));
    }
    expect((await writing.stop()).failures).toEqual([]);
    expect(seen.fewest).toBe(20);
    expect(Math.min(...waited)).toBeLessThan(slowest);
    // At that pace: timers of a busy machine lose a few.
    expect(seen.reads).toBeGreaterThan(500);
    expect(seen.refreshes).toBeGreaterThan(500);

    await projected.caughtUp();
    for (const { name } of projections) expect((await projected.verify(name)).wrong).toEqual([]);
    await waitFor(async () => (await rows.find(channels[0]!.data.channelId))?.lastRefreshedAt);
  });
});
