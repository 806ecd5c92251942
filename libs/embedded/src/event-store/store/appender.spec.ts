import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, type Database } from 'lmdb';
import { DATABASE_FILE } from './folder';
import type { AppendRequest } from './draft';
import { allForwards } from './pages';
import { openStore, type Store } from './store';
import type { ProposedEvent } from './stored-event';

let folder: string;
let store: Store;
/** The names of the errors that whoever runs the store was told of. */
let told: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'appender-'));
  told = [];
  await openAgain();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function openAgain(): Promise<void> {
  const tell = ({ name }: Error): void => void told.push(name);
  store = await openStore(folder, { fsync: false, onFailure: tell, onUndecided: tell });
}

const anEvent = (type = 'Written'): ProposedEvent => ({
  ...{ id: randomUUID(), type, contentType: 'application/json' },
  ...{ data: Buffer.from('{}'), customMetadata: Buffer.alloc(0) },
});

const appendTo = (stream: string, ...events: ProposedEvent[]): AppendRequest => ({
  ...{ kind: 'append', stream, expected: 'any', events },
});

/** Of writes that share a commit: what each was answered, its error by name. */
async function answers(...requests: AppendRequest[]): Promise<string[]> {
  const settled = await Promise.allSettled(
    requests.map((request) => store.appender.write(request)),
  );
  return settled.map((answer) =>
    answer.status === 'fulfilled' ? answer.value.kind : (answer.reason as Error).name,
  );
}

/** Each event as `stream@revision`. Fails when one isn't where the one before it ends. */
function stored(): string[] {
  const [page = []] = allForwards(store.log, 0);
  for (const [n, event] of page.entries()) expect(event.position).toBe(page[n - 1]?.next ?? 1);
  return page.map(({ stream, revision }) => `${stream}@${revision}`);
}

describe('a write that the store itself fails to decide', () => {
  /** What no decoded request can be: its second event has no id. */
  const broken = (stream: string, first: ProposedEvent): AppendRequest =>
    appendTo(stream, first, { ...anEvent(), id: undefined! });

  it('is refused alone: those that share its commit are written, and those that follow', async () => {
    const first = anEvent();
    expect(
      await answers(
        appendTo('one', anEvent(), anEvent()),
        broken('one', first),
        broken('two', first),
        appendTo('one', anEvent()),
      ),
    ).toEqual(['written', 'UndecidedWriteError', 'UndecidedWriteError', 'written']);
    expect(told).toEqual(['UndecidedWriteError', 'UndecidedWriteError']);

    // Its first event was not taken for written either.
    expect(await answers(appendTo('two', first), appendTo('one', anEvent()))).toEqual([
      'written',
      'written',
    ]);
    const all = ['one@0', 'one@1', 'one@2', 'two@0', 'one@3'];
    expect(stored()).toEqual(all);
    await store.close();
    await openAgain();
    expect(stored()).toEqual(all);
  });

  it('is named in a line that says that nothing of it is written', async () => {
    await expect(store.appender.write(broken('one', anEvent()))).rejects.toThrow(
      /^The event store failed to decide the append of "one" and wrote nothing of it \(.+\): this is an error in the event store itself$/,
    );
  });

  it('is one whose name no index can hold', async () => {
    expect(
      await answers(appendTo('x'.repeat(3_000), anEvent()), appendTo('one', anEvent())),
    ).toEqual(['UndecidedWriteError', 'written']);
  });
});

describe('a store whose log is in doubt', () => {
  /** Changes the tables as LMDB lets anybody. */
  async function changeTables(change: (tables: Tables) => unknown): Promise<void> {
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    const path = join(folder, DATABASE_FILE);
    const root = open<Buffer, Buffer>({ ...binary, path, noSubdir: true });
    const table = (name: string) => root.openDB<Buffer, Buffer>(name, binary);
    change({ events: table('events'), index: table('index'), streams: table('streams') });
    await root.close();
  }
  type Tables = Record<'events' | 'index' | 'streams', Database<Buffer, Buffer>>;

  const last = (table: Database<Buffer, Buffer>): { key: Buffer; value: Buffer } =>
    [...table.getRange({ reverse: true, limit: 1 })][0]!;

  it.each<[string, (tables: Tables) => unknown]>([
    [
      'an event that was damaged',
      ({ events }) => {
        const { key, value } = last(events);
        return events.putSync(key, Buffer.from(value).fill(7, value.length - 2));
      },
    ],
    [
      'an index that names the place of another event',
      ({ index, events }) => index.putSync(last(index).key, [...events.getKeys({ limit: 1 })][0]!),
    ],
    ['an index that lacks an event', ({ index }) => index.removeSync(last(index).key)],
  ])('takes no write any more, nor any that shared the commit: %s', async (_what, damage) => {
    // What is damaged is the last event of $$two, which an append to two has to look at.
    await answers(appendTo('one', anEvent()), appendTo('$$two', anEvent('$metadata')));
    await changeTables(damage);
    expect(
      await answers(appendTo('one', anEvent()), appendTo('two', anEvent()), appendTo('three')),
    ).toEqual(['ReadOnlyError', 'ReadOnlyError', 'ReadOnlyError']);
    expect(await answers(appendTo('one', anEvent()))).toEqual(['ReadOnlyError']);
    expect(told).toEqual(['ReadOnlyError']);
  });
});
