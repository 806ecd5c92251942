import { hasReached } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { dropGeneration, NotInTime, setPaused, withoutBlocking } from '@app/projections';
import { connected, disconnected, useTestBed, waitFor } from '@app/testing';
import { GenerationsUnderTest } from '../../support/generations-under-test';

describe('A rollback', () => {
  const bed = useTestBed();
  let projected: GenerationsUnderTest;
  const start = connected();
  const { channelId } = start.data;
  beforeAll(async () => {
    projected = await GenerationsUnderTest.on(bed);
    await projected.append(start, 0);
    projected.startProjector();
    await projected.caughtUp();
    await projected.replay('channels');
  });

  /** What readers see, without the overlay that would cover it up. */
  async function statusOf(id: string): Promise<string | undefined> {
    const rows: { status: string }[] = await projected.dataSource.query(
      'SELECT status FROM read_model.channels WHERE id = $1',
      [id],
    );
    return rows[0]?.status;
  }

  it('never shows a channel as connected that has ended: it waits for the former generation', async () => {
    await takeTerm('1 hour');
    await projected.append(disconnected(start), 1);
    await waitFor(async () => (await statusOf(channelId)) === 'DISCONNECTED');
    await expect(projected.swap('channels', 1, 500)).rejects.toThrow(NotInTime);
    expect(await statusOf(channelId)).toBe('DISCONNECTED');
    expect(await projected.live('channels')).toMatchObject({ generation: 2 });

    const rolledBack = projected.swap('channels', 1);
    const seen = new Set<string | undefined>();
    await takeTerm('0 hours');
    while ((await projected.live('channels')).generation !== 1) seen.add(await statusOf(channelId));
    await rolledBack;
    seen.add(await statusOf(channelId));
    expect([...seen]).toEqual(['DISCONNECTED']);
  });

  it('is refused to a generation that is not there, or is not complete', async () => {
    await expect(projected.swap('channels', 9, 500)).rejects.toThrow(
      'Generation 9 of channels is not there: see ops projections list',
    );
    await projected.dataSource.query(
      `INSERT INTO runtime.generations (projection, generation, version, state) VALUES ('channels', 8, 1, 'building')`,
    );
    await expect(projected.swap('channels', 8, 500)).rejects.toThrow('is not complete');
    await projected.dataSource.query('DELETE FROM runtime.generations WHERE generation = 8');
  });

  it('changes nothing when that generation is live already', async () => {
    const live = await projected.live('channels');
    await projected.swap('channels', live.generation);
    expect(await projected.live('channels')).toEqual(live);
  });

  it('waits for a reader who keeps the lock, and has nobody else wait behind it for long', async () => {
    const before = await projected.live('channels');
    const to = before.generation === 1 ? 2 : 1;
    let swapping: Promise<void> | undefined;
    const waits: number[] = [];
    await projected.dataSource.transaction(async (reader) => {
      await reader.query('SELECT FROM read_model.channels');
      swapping = projected.swap('channels', to, 60_000);
      swapping.catch(() => undefined);
      for (let n = 0; n < 3; n++) {
        await waitFor(isQueuing, { what: 'the swap in the queue for the view', everyMs: 5 });
        const from = performance.now();
        expect(await statusOf(channelId)).toBe('DISCONNECTED');
        waits.push(performance.now() - from);
      }
      expect(await projected.live('channels')).toEqual(before);
    });
    await swapping;
    expect(await projected.live('channels')).toMatchObject({ generation: to });
    // 50 ms at most, and what a busy machine adds to it.
    expect(Math.min(...waits)).toBeLessThan(1_000);
  });

  /** Whoever reads the view from now on stands behind the swap. */
  async function isQueuing(): Promise<boolean> {
    const waiting: unknown[] = await projected.dataSource.query(
      `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE datname = current_database()
          AND relation = 'read_model.channels'::regclass AND NOT granted`,
    );
    return waiting.length === 1;
  }

  /** A rival's term over generation 1, so that its rows stay as they are for as long. */
  async function takeTerm(interval: string): Promise<void> {
    await projected.dataSource.query(
      `UPDATE runtime.leadership
          SET holder = 'rival', epoch = epoch + 1, expires_at = clock_timestamp() + $1::interval
        WHERE name = 'projector:channels@1'`,
      [interval],
    );
  }
});

describe('An operator who falls silent in the middle of a swap', () => {
  const bed = useTestBed();

  it('holds up nobody for long', async () => {
    const { dataSource } = await GenerationsUnderTest.on(bed);
    const live = `SELECT 1 FROM runtime.generations WHERE projection = 'channels'`;
    let silent = (): void => undefined;
    const holding = new Promise<void>((resolve) => (silent = resolve));
    const attempts = { withinMs: 60_000, signal: new AbortController().signal, late: 'late' };
    const swapping = withoutBlocking(dataSource, attempts, async (manager) => {
      await manager.query(`${live} FOR UPDATE`);
      silent();
      await new Promise(() => undefined);
      return true;
    });
    swapping.catch(() => undefined);
    await holding;
    await expect(dataSource.query(`${live} FOR SHARE NOWAIT`)).rejects.toThrow(
      'could not obtain lock',
    );
    await waitFor(() => dataSource.query(`${live} FOR SHARE NOWAIT`), { withinMs: 15_000 });
  });
});

describe('A generation', () => {
  const bed = useTestBed();
  let projected: GenerationsUnderTest;
  let projector: { stop(): Promise<void> };
  beforeAll(async () => {
    projected = await GenerationsUnderTest.on(bed);
    projector = projected.startProjector();
  });

  async function showsNext(): Promise<void> {
    const next = connected();
    await projected.append(next, 0);
    await waitFor(async () =>
      JSON.stringify(await projected.rows('channels')).includes(next.data.channelId),
    );
  }

  it('that is dropped is gone, with its checkpoint; its number is never used again', async () => {
    await showsNext();
    await projected.replay('channels');
    await dropGeneration(projected.dataSource, { projection: 'channels', generation: 1 });
    expect(await projected.tables('channels')).toEqual(['channels_g2']);
    const checkpoints: unknown[] = await projected.dataSource.query(
      `SELECT FROM runtime.checkpoints WHERE name = 'channels@1'`,
    );
    expect(checkpoints).toEqual([]);
    await showsNext();
    await projected.replay('channels', { swap: false });
    await dropGeneration(projected.dataSource, { projection: 'channels', generation: 3 });
    expect(await projected.replay('channels')).toMatchObject({ generation: 4 });
    await showsNext();
  });

  it('that readers see can not be dropped', async () => {
    const of = { projection: 'channels', generation: 4 };
    await expect(dropGeneration(projected.dataSource, of)).rejects.toThrow('is live');
    expect(await projected.tables('channels')).toContain('channels_g4');
  });

  it('is not followed while its projection is paused, and catches up afterwards', async () => {
    expect(await setPaused(projected.dataSource, 'channels', true)).toBe(true);
    expect(await setPaused(projected.dataSource, 'channels', true)).toBe(false);
    const before = await projected.rows('channels');
    const next = connected();
    await projected.append(next, 0);
    // The registrar's place would tell how long to wait; receipts follow all the same.
    await projected.append(disconnected(next), 1);
    await waitFor(async () => (await projected.rows('receipts')).length === 1);
    expect(await projected.rows('channels')).toEqual(before);
    await setPaused(projected.dataSource, 'channels', false);
    await waitFor(async () => (await projected.rows('channels')).length === before.length + 1);
    await showsNext();
  });

  it('of another release is left to it, and can not be shown by this one', async () => {
    await projector.stop();
    await projected.dataSource.query(
      `UPDATE runtime.generations SET version = 2 WHERE projection = 'channels' AND generation = 2`,
    );
    projected.startProjector();
    await showsNext();
    const checkpoint = await new CheckpointStore(projected.dataSource).load('channels@2');
    const last = await projected.events.lastPosition();
    expect(hasReached(checkpoint!.position, last!)).toBe(false);
    await expect(projected.swap('channels', 2, 500)).rejects.toThrow(
      'is of version 2, and this release reads version 1',
    );
  });
});
