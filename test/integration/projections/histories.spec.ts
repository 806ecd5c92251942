import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonEvent, NO_STREAM } from '@eventstore/db-client';
import type { DataSource } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { hasReached } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { projections, runProjector } from '@app/projections';
import { useTestBed, waitFor } from '@app/testing';

const root = join(__dirname, '../../..');
const folder = join(root, 'test/fixtures/histories');

/** An event exactly as a release stored it. */
interface StoredEvent {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly metadata: { readonly schemaVersion: number };
}
/** A row of a view, as that release's projections had it. */
interface ViewRow {
  readonly view: 'channels' | 'receipts';
  readonly row: Readonly<Record<string, unknown>>;
}

function linesOf<T>(file: string): T[] {
  const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

const versions = readdirSync(folder)
  .filter((file) => file.endsWith('.events.jsonl'))
  .map((file) => file.replace('.events.jsonl', ''));

/**
 * What a release wrote is read by every later one, and becomes the same rows. A release is recorded
 * with `npm run record:history`, and its files are never changed.
 */
describe.each(versions)('the history that %s has recorded', (version) => {
  const bed = useTestBed();
  let dataSource: DataSource;
  let store: EventStore;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
    store = await bed.eventStore();
  });

  async function append(events: readonly StoredEvent[]): Promise<void> {
    const revisions = new Map<string, bigint>();
    for (const { stream, ...event } of events) {
      const appended = await store.client.appendToStream(stream, jsonEvent(event), {
        expectedRevision: revisions.get(stream) ?? NO_STREAM,
      });
      revisions.set(stream, appended.nextExpectedRevision);
    }
  }

  async function project(): Promise<void> {
    const checkpoints = new CheckpointStore(dataSource);
    const ending = new AbortController();
    const running = runProjector({
      ...{ projections, handlers: [], events: store, dataSource, checkpoints },
      ...{ termMs: 5_000, retryCapMs: 50, stallAfterMs: 30_000, signal: ending.signal },
    });
    const last = (await store.lastPosition())!;
    await waitFor(async () => {
      const stored: { name: string }[] = await dataSource.query(
        'SELECT name FROM runtime.checkpoints',
      );
      const places = await Promise.all(stored.map(({ name }) => checkpoints.load(name)));
      const reached = places.filter((place) => place && hasReached(place.position, last));
      return reached.length === projections.length;
    });
    ending.abort();
    await running;
  }

  it('is read whole, and becomes the same rows', async () => {
    await append(linesOf<StoredEvent>(`${version}.events.jsonl`));
    await project();
    const query = readFileSync(join(folder, 'rows.sql'), 'utf8');
    const projected: ViewRow[] = await dataSource.query(query);
    const recorded = linesOf<ViewRow>(`${version}.rows.jsonl`);
    // A later release may have more columns; the ones that were there say the same.
    const columns = new Map(recorded.map(({ view, row }) => [view, Object.keys(row)]));
    const comparable = projected.map(({ view, row }) => ({
      view,
      row: Object.fromEntries(columns.get(view)!.map((column) => [column, row[column]])),
    }));
    expect(comparable).toEqual(recorded);
  });
});

describe('the recorded histories', () => {
  it('have one of this version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(versions).toContain(version);
  });

  it('have every version of every event in them', () => {
    const recorded = versions
      .flatMap((version) => linesOf<StoredEvent>(`${version}.events.jsonl`))
      .map(({ type, metadata }) => `${type}.v${metadata.schemaVersion}.json`);
    const goldens = readdirSync(join(root, 'libs/event-store/goldens'));
    expect([...new Set(recorded)].sort()).toEqual(goldens.sort());
  });
});
