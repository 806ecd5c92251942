import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { startEventStore } from '@app/embedded';
import { channelStream, EventStore } from '@app/event-store';
import { ProjectionBusy } from '@app/projections';
import { UnknownCheckpoint } from '@app/subscriptions';
import { aContext, connected, refreshed, useTestBed, waitFor } from '@app/testing';
import { GenerationsUnderTest } from '../../support/generations-under-test';

describe('A replay', () => {
  const bed = useTestBed();
  let projected: GenerationsUnderTest;
  beforeAll(async () => {
    projected = await GenerationsUnderTest.on(bed);
    await projected.appendLives('before', 60);
    projected.startProjector();
    await projected.caughtUp();
  });

  it.each(['channels', 'receipts'])('builds the same rows of %s, and shows them', async (name) => {
    const [before, former] = [await projected.rows(name), await projected.live(name)];
    expect(before.length).toBeGreaterThan(10);
    const report = await projected.replay(name);

    expect(report).toEqual({
      generation: former.generation + 1,
      events: report.events,
      rows: before.length,
      live: true,
    });
    expect(report.events).toBeGreaterThan(200);
    expect(await projected.rows(name)).toEqual(before);
    expect(await projected.generations(name)).toMatchObject([
      { generation: former.generation, state: 'standby', liveUntil: expect.any(Date) as Date },
      { generation: former.generation + 1, state: 'live', liveUntil: null },
    ]);
  });

  it('is followed from then on, and so is the former one', async () => {
    await projected.appendLives('after', 5);
    await projected.caughtUp();
    const [former, live] = await projected.tables('channels');
    const rowsOf = (table: string | undefined): Promise<object[]> =>
      projected.dataSource.query(`SELECT * FROM read_model.${table} ORDER BY 1`);
    const rows = await rowsOf(live);
    expect(await projected.rows('channels')).toEqual(rows);
    await waitFor(async () => JSON.stringify(await rowsOf(former)) === JSON.stringify(rows));
  });

  it('makes the same rows when only a few of them fit into memory', async () => {
    const before = await projected.rows('channels');
    await projected.replay('channels', { limits: { maxBatch: 7, maxRows: 12, spill: 5 } });
    expect(await projected.rows('channels')).toEqual(before);
    await projected.replay('channels', { limits: { maxBatch: 1, maxRows: 1, spill: 1 } });
    expect(await projected.rows('channels')).toEqual(before);
  });

  it('makes tables of the shape that the first ones have, indexes included', async () => {
    for (const name of ['channels', 'receipts']) {
      await projected.replay(name, { swap: false });
      const tables = await projected.tables(name);
      const shapes = await Promise.all(tables.map((table) => shapeOf(table)));
      expect(new Set(shapes).size).toBe(1);
    }
  });

  it('stands by when it is not to be shown', async () => {
    const live = await projected.live('receipts');
    const { generation } = await projected.replay('receipts', { swap: false });
    expect(await projected.live('receipts')).toEqual(live);
    await projected.swap('receipts', generation);
    expect(await projected.live('receipts')).toMatchObject({ generation });
  });

  it.each([
    ['at its first events', () => true],
    ['after its last event', (share: number) => share === 1],
  ])('leaves everything as it was when it is cancelled %s', async (_, isThen) => {
    const before = await stateOf('channels');
    const cancel = new AbortController();
    const onProgress = ({ share }: { share: number }): void => {
      if (isThen(share)) cancel.abort(new Error('cancelled'));
    };
    const { signal } = cancel;
    await expect(projected.replay('channels', { signal, onProgress })).rejects.toThrow('cancelled');
    expect(await stateOf('channels')).toEqual(before);
  });

  it('has nobody else at the same projection meanwhile, but at another one', async () => {
    let second: Promise<unknown> | undefined;
    let other: Promise<unknown> | undefined;
    await projected.replay('channels', {
      // Long enough for somebody else to find out.
      limits: { maxBatch: 1, maxRows: 1, spill: 1 },
      onProgress: () => {
        second ??= expect(projected.replay('channels')).rejects.toThrow(ProjectionBusy);
        other ??= projected.replay('receipts');
      },
    });
    expect(second).toBeDefined();
    await Promise.all([second, other]);
  });

  it('fails loudly on an event that it does not know, and changes nothing', async () => {
    const before = await stateOf('channels');
    const strange = await GenerationsUnderTest.on(bed);
    const stream = `channel-${connected().data.channelId}`;
    const unknown = jsonEvent({ type: 'ChannelRenamed', data: {}, metadata: { schemaVersion: 1 } });
    await strange.events.client.appendToStream(stream, unknown);
    await expect(projected.replay('channels')).rejects.toThrow(
      'Unknown event type ChannelRenamed v1',
    );
    expect(await stateOf('channels')).toEqual(before);
  });

  async function stateOf(name: string): Promise<object> {
    return {
      rows: await projected.rows(name),
      live: await projected.live(name),
      tables: await projected.tables(name),
      generations: (await projected.generations(name)).map(({ generation }) => generation),
    };
  }

  async function shapeOf(table: string): Promise<string> {
    const columns: unknown = await projected.dataSource.query(
      `SELECT column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = 'read_model' AND table_name = $1 ORDER BY ordinal_position`,
      [table],
    );
    const indexes: { indexdef: string }[] = await projected.dataSource.query(
      `SELECT indexdef FROM pg_indexes WHERE schemaname = 'read_model' AND tablename = $1 ORDER BY 1`,
      [table],
    );
    const generation = /_g\d+/g;
    return JSON.stringify([columns, indexes]).replace(generation, '');
  }
});

describe('A projection of a broken stream', () => {
  const bed = useTestBed();

  it('fails on what came before its connect, rather than to leave it out', async () => {
    const projected = await GenerationsUnderTest.on(bed);
    const start = connected({ channelId: 'soc_01JBN8Z6Q4V5W6X7Y8Z9A0B1C2' });
    await projected.append(refreshed(start), 0);
    await expect(projected.replay('channels')).rejects.toThrow(
      'ChannelTokenRefreshed of soc_01JBN8Z6Q4V5W6X7Y8Z9A0B1C2 came before its connect',
    );
  });
});

describe('A replay of a restored event store', () => {
  const bed = useTestBed();

  it('is refused unless it is meant; then it takes the place of all rows of the other history', async () => {
    const projected = await GenerationsUnderTest.on(bed);
    await projected.appendLives('lost', 20);
    const projector = projected.startProjector();
    await projected.caughtUp();
    await projector.stop();

    const engine = await startEventStore({
      dataDir: join(bed.folder, 'restored'),
      fsync: false,
      strict: bed.strictness,
    });
    bed.atEnd(() => engine.stop());
    const restored = new EventStore(engine.url, 5_000);
    bed.atEnd(() => restored.close());
    const start = connected();
    const { channelId } = start.data;
    await restored.append(channelStream(channelId), 'no_stream', [start], aContext());

    const before = await projected.rows('channels');
    await expect(projected.replay('channels', { events: restored })).rejects.toThrow(
      UnknownCheckpoint,
    );
    await expect(projected.verify('channels', restored)).rejects.toThrow(UnknownCheckpoint);
    expect(await projected.rows('channels')).toEqual(before);
    expect(await projected.tables('channels')).toEqual(['channels_g1']);

    await projected.replay('channels', { swap: false });
    const options = { events: restored, anotherHistory: true };
    expect(await projected.replay('channels', options)).toMatchObject({
      events: 1,
      rows: 1,
      live: true,
    });
    expect(await projected.rows('channels')).toMatchObject([{ id: channelId }]);
    // Nobody can go back to the others, and nothing could follow them.
    expect(await projected.tables('channels')).toEqual(['channels_g3']);
  });
});
