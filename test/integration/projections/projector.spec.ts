import { jsonEvent } from '@eventstore/db-client';
import type { DataSource, EntityManager } from 'typeorm';
import type { DomainEvent } from '@app/domain';
import { atRevision, evolveReceipt, openReceipt, rowOf } from '@app/domain';
import type { EventStore, RecordedEvent } from '@app/event-store';
import { channelStream, disconnectionStream } from '@app/event-store';
import { TermLost } from '@app/leadership';
import { CheckpointStore } from '@app/persistence';
import type { EventHandler } from '@app/subscriptions';
import { GenerationHandler, projections, runProjector } from '@app/projections';
import { ChannelRows } from '@app/queries';
import {
  aContext,
  completed,
  connected,
  disconnected,
  finished,
  useTestBed,
  waitFor,
} from '@app/testing';

const start = connected();
const end = disconnected(start);
const { channelId } = start.data;
const outcome = finished(channelId, 'schedule-cancel', { counts: { canceled: 3 } });
const completion = completed(channelId);
const other = connected();
const history: DomainEvent[] = [start, other, end, outcome, completion];

const rows = {
  ended: { ...rowOf(start.data), status: 'DISCONNECTED' },
  live: rowOf(other.data),
};
const receipt = atRevision([outcome, completion].reduce(evolveReceipt, openReceipt(end.data)), 1);

/** The disconnection's events in their stream; of the others nobody asks. */
function recordedAt(event: DomainEvent): RecordedEvent {
  const revision = event === completion ? 1 : 0;
  return { event, revision } as unknown as RecordedEvent;
}

describe('the projections', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
  });

  const handlers = projections.map(
    (projection) =>
      new GenerationHandler(projection, { projection: projection.name, generation: 1 }),
  );
  const deliver = (events: readonly DomainEvent[]) =>
    dataSource.transaction(async (manager) => {
      for (const handler of handlers) await handler.apply(manager, events.map(recordedAt));
    });
  const expected = async () => {
    const stored = new ChannelRows(dataSource);
    expect(await stored.find(channelId)).toEqual(rows.ended);
    expect(await stored.find(other.data.channelId)).toEqual(rows.live);
    expect(await receipts(dataSource)).toEqual([receipt]);
  };

  it('show what the events tell', async () => {
    await deliver(history);
    await expected();
  });

  it('show the same when everything is delivered again', async () => {
    await deliver(history);
    await expected();
    // Also an old one alone: what came after it stands.
    for (const event of history) {
      await deliver([event, event]);
      await expected();
    }
  });

  it('refuse an event that they do not know: a row would be wrong for ever', async () => {
    const unknown = { type: 'ChannelRenamed', data: {} } as unknown as DomainEvent;
    await expect(deliver([unknown])).rejects.toThrow('ChannelRenamed');
  });

  it('refuse an outcome that comes before its disconnect', async () => {
    const early = finished(connected().data.channelId, 'token-wipe');
    await expect(deliver([early])).rejects.toThrow('came before its disconnect');
  });
});

describe('the projector', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  let events: EventStore;
  let checkpoints: CheckpointStore;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    checkpoints = new CheckpointStore(dataSource);
  });

  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });
  function run(
    handlers: readonly EventHandler[] = [],
    options: Partial<Parameters<typeof runProjector>[0]> = {},
  ): { stop(): Promise<void> } {
    const ending = new AbortController();
    const ended = runProjector({
      projections,
      handlers,
      events,
      dataSource,
      checkpoints,
      // Given back at a stop, however long it is; one that is lost on the way is another story.
      termMs: 10_000,
      retryCapMs: 50,
      stallAfterMs: 30_000,
      signal: ending.signal,
      ...options,
    });
    const stop = async (): Promise<void> => {
      ending.abort();
      await ended;
    };
    stops.push(stop);
    return { stop };
  }
  async function connectOne(): Promise<string> {
    const event = connected();
    const { channelId: id } = event.data;
    await events.append(channelStream(id), 'no_stream', [event], aContext());
    return id;
  }
  const isShown = (id: string) => new ChannelRows(dataSource).find(id);

  it('shows what happened before and after it started', async () => {
    const before = await connectOne();
    run();
    await waitFor(() => isShown(before));
    await events.append(channelStream(channelId), 'no_stream', [start, end], aContext());
    const stream = disconnectionStream(channelId);
    await events.append(stream, 'no_stream', [outcome, completion], aContext());
    await waitFor(async () => (await receipts(dataSource))[0]?.status === 'COMPLETED');
    expect(await receipts(dataSource)).toEqual([receipt]);
  });

  it('saves rows and position together, or neither, also when it is the commit that fails', async () => {
    await dataSource.query(`
      CREATE TABLE allowed (event_id uuid PRIMARY KEY);
      CREATE TABLE applied (
        event_id uuid CONSTRAINT applied_allowed REFERENCES allowed DEFERRABLE INITIALLY DEFERRED)`);
    let attempts = 0;
    const failing: EventHandler = {
      name: 'failing',
      async apply(manager, batch) {
        if (batch.length > 0) attempts++;
        for (const { id } of batch) {
          await manager.query('INSERT INTO applied VALUES ($1)', [id]);
        }
      },
    };
    const shown = await connectOne();
    run([failing]);
    // Another handler goes on while this one starts again from its checkpoint.
    await waitFor(() => isShown(shown));
    await waitFor(() => attempts >= 2);
    expect(await checkpoints.load('failing')).toBeNull();
    expect(await dataSource.query('SELECT * FROM applied')).toEqual([]);

    await dataSource.query('ALTER TABLE applied DROP CONSTRAINT applied_allowed');
    await waitFor(() => hasApplied('failing', shown));
    const applied: { event_id: string }[] = await dataSource.query('SELECT * FROM applied');
    // Each exactly once, although they were tried several times.
    expect(new Set(applied.map(({ event_id }) => event_id)).size).toBe(applied.length);
    expect(applied.length).toBeGreaterThan(1);
  });

  it('goes on from its checkpoint in another process', async () => {
    const seen: string[] = [];
    const counting: EventHandler = {
      name: 'counting',
      apply: (_, batch) => Promise.resolve(void seen.push(...batch.map(({ id }) => id))),
    };
    await connectOne();
    const first = run([counting]);
    await waitFor(async () => (await checkpoints.load('counting')) !== null);
    await first.stop();
    const before = [...seen];
    await connectOne();
    run([counting]);
    await waitFor(() => seen.length > before.length);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, before.length)).toEqual(before);
  });

  it('writes nothing in a term that somebody else has by now', async () => {
    const refusals: unknown[] = [];
    const watched = Object.create(dataSource) as DataSource;
    watched.transaction = ((work: (manager: EntityManager) => Promise<unknown>) =>
      dataSource.transaction(work).catch((error: unknown) => {
        refusals.push(error);
        throw error;
      })) as DataSource['transaction'];
    // Renewed so seldom that the process doesn't notice by itself in this test.
    run([], { dataSource: watched, termMs: 30_000 });
    const before = await connectOne();
    await waitFor(() => isShown(before));

    await dataSource.query(
      `UPDATE runtime.leadership SET holder = 'a rival', epoch = epoch + 1 WHERE name = 'projector:channels@1'`,
    );
    const id = await connectOne();
    await waitFor(() => refusals.length > 0);
    expect(refusals[0]).toBeInstanceOf(TermLost);
    expect(await isShown(id)).toBeUndefined();
    await dataSource.query('UPDATE runtime.leadership SET expires_at = clock_timestamp()');
  });

  it('has one process at work, and another after it', async () => {
    const workers: string[] = [];
    const worker = (name: string): EventHandler => ({
      name: 'shared',
      apply: (_, batch) => Promise.resolve(void workers.push(...batch.map(() => name))),
    });
    const first = run([worker('first')]);
    await waitFor(() => workers.length > 0);
    run([worker('second')]);
    const ids = [await connectOne(), await connectOne()];
    await waitFor(() => hasApplied('shared', ids[1]!));
    expect(new Set(workers)).toEqual(new Set(['first']));
    await first.stop();
    await connectOne();
    await waitFor(() => workers.includes('second'));
  });

  async function hasApplied(handler: string, id: string): Promise<boolean> {
    const last = await events.readLast(channelStream(id));
    return (await checkpoints.load(handler))?.event?.id === last?.id;
  }
});

describe('a projector that meets an event that it does not know', () => {
  const bed = useTestBed();

  it('stops, and names it; what came before is shown, and nothing is skipped', async () => {
    const [dataSource, events] = [await bed.dataSource(), await bed.eventStore()];
    const checkpoints = new CheckpointStore(dataSource);
    const running = runProjector({
      projections,
      handlers: [],
      events,
      dataSource,
      checkpoints,
      termMs: 10_000,
      retryCapMs: 50,
      stallAfterMs: 30_000,
      signal: new AbortController().signal,
    });
    await events.append(channelStream(channelId), 'no_stream', [start], aContext());
    await waitFor(() => new ChannelRows(dataSource).find(channelId));
    const unknown = jsonEvent({ type: 'ChannelRenamed', data: {}, metadata: { schemaVersion: 1 } });
    await events.client.appendToStream(channelStream(other.data.channelId), unknown);
    await expect(running).rejects.toThrow('Unknown event type ChannelRenamed v1');
    const known = await events.readLast(channelStream(channelId));
    expect((await checkpoints.load('channels@1'))?.event?.id).toBe(known?.id);
  });
});

async function receipts(dataSource: DataSource): Promise<{ status: string }[]> {
  const stored: { receipt: { status: string } }[] = await dataSource.query(
    'SELECT receipt FROM read_model.receipts',
  );
  return stored.map(({ receipt: it }) => it);
}
