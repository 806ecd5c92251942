import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { projections } from '@app/projections';
import { useTestBed } from '@app/testing';
import { GenerationsUnderTest } from '../../support/generations-under-test';

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
  let projected: GenerationsUnderTest;
  beforeAll(async () => {
    projected = await GenerationsUnderTest.on(bed);
  });

  async function append(events: readonly StoredEvent[]): Promise<void> {
    const revisions = new Map<string, bigint>();
    for (const { stream, ...event } of events) {
      const appended = await projected.events.client.appendToStream(stream, jsonEvent(event), {
        expectedRevision: revisions.get(stream) ?? NO_STREAM,
      });
      revisions.set(stream, appended.nextExpectedRevision);
    }
  }

  /** The views as the release had them. A later one may have more columns; what was there says the same. */
  async function rowsLike(recorded: readonly ViewRow[]): Promise<ViewRow[]> {
    const query = readFileSync(join(folder, 'rows.sql'), 'utf8');
    const rows: ViewRow[] = await projected.dataSource.query(query);
    const columns = new Map(recorded.map(({ view, row }) => [view, Object.keys(row)]));
    return rows.map(({ view, row }) => ({
      view,
      row: Object.fromEntries(columns.get(view)!.map((column) => [column, row[column]])),
    }));
  }

  it('is read whole, and becomes the same rows, which a replay makes again', async () => {
    await append(linesOf<StoredEvent>(`${version}.events.jsonl`));
    const projector = projected.startProjector();
    await projected.caughtUp();
    await projector.stop();
    const recorded = linesOf<ViewRow>(`${version}.rows.jsonl`);
    expect(await rowsLike(recorded)).toEqual(recorded);
    for (const { name } of projections) {
      expect(await projected.replay(name)).toMatchObject({ generation: 2, live: true });
    }
    expect(await rowsLike(recorded)).toEqual(recorded);
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
