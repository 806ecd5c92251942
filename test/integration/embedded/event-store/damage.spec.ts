import { randomFillSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EngineStartError, startEventStore, type RunningEngine } from '@app/embedded';
import { open } from 'lmdb';
import { collect, counted } from './running-server';

const PAGE_BYTES = 4_096;
const EVENTS = 1_000;
const PER_STREAM = 50;

/** A store with events of some thousand pages, which nobody has open; each test damages a copy. */
let whole: string;
/** The ids of its events, in order. */
let ids: string[];
beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), 'event-store-whole-'));
  const engine = await startEventStore({ dataDir: whole });
  const client = EventStoreDBClient.connectionString(engine.url);
  const events = counted(EVENTS);
  ids = events.map(({ id }) => id);
  for (let n = 0; n < EVENTS; n += PER_STREAM) {
    await client.appendToStream(`stream-${n / PER_STREAM}`, events.slice(n, n + PER_STREAM));
  }
  await client.dispose();
  await engine.stop();
});
afterAll(() => rmSync(whole, { recursive: true }));

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-damaged-'));
  cpSync(whole, folder, { recursive: true });
  file = join(folder, 'events.mdb');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns what a start is refused with, and that the server didn't crash */
async function refusal(): Promise<string> {
  let engine: RunningEngine;
  try {
    engine = await startEventStore({ dataDir: folder });
  } catch (error) {
    if (error instanceof EngineStartError) return error.message;
    throw error;
  }
  await engine.stop();
  throw new Error('It started');
}

/** Overwrites whole pages with random bytes. */
function overwrite(...pages: number[]): void {
  const bytes = readFileSync(file);
  for (const page of pages) randomFillSync(bytes, page * PAGE_BYTES, PAGE_BYTES);
  writeFileSync(file, bytes);
}

/** The pages that hold an event, and former states of them. */
function pagesWith(id: string): number[] {
  const bytes = readFileSync(file);
  const wanted = Buffer.from(id, 'utf8');
  const pages: number[] = [];
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    pages.push(Math.floor(at / PAGE_BYTES));
  }
  return pages;
}

/** Changes the tables as LMDB lets anybody. */
async function changeTables(change: (tables: Record<'events' | 'index', Table>) => void) {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const root = open<Buffer, Buffer>({ ...binary, path: file, noSubdir: true });
  const table = (name: string): Table => root.openDB<Buffer, Buffer>(name, binary);
  change({ events: table('events'), index: table('index') });
  await root.close();
}
type Table = Pick<
  ReturnType<ReturnType<typeof open<Buffer, Buffer>>['openDB']>,
  'getKeys' | 'get' | 'putSync' | 'removeSync'
>;

const firstKey = (table: Table): Buffer => [...table.getKeys({ limit: 1 })][0] as Buffer;
const lastKey = (table: Table): Buffer =>
  [...table.getKeys({ reverse: true, limit: 1 })][0] as Buffer;

describe('a damaged folder', () => {
  it.each<[string, () => void | Promise<void>, RegExp]>([
    [
      'whose format file is cut',
      () => truncateSync(join(folder, 'format.json'), 5),
      /format.json can't be read/,
    ],
    ['without its database', () => rmSync(file), /has lost its events.mdb/],
    [
      'with an empty database',
      () => truncateSync(file, 0),
      /it ends within its head 1 of 2, after 0 bytes/,
    ],
    [
      'with half of its database',
      () => truncateSync(file, readFileSync(file).length / 2),
      /it ends within page \d+, after \d+ bytes/,
    ],
    ['with both heads overwritten', () => overwrite(0, 1), /its head 1 of 2 can't be read/],
    ['with its second head overwritten', () => overwrite(1), /its head 2 of 2 can't be read/],
    [
      'with a page in the middle overwritten',
      () => overwrite(...pagesWith(ids[EVENTS / 2]!)),
      /page \d+ holds something else/,
    ],
    [
      'with an index that names a place without event',
      () => changeTables(({ events }) => void events.removeSync(firstKey(events))),
      /it has 999 events, and places of 1000/,
    ],
    [
      'with a last event that its index puts elsewhere',
      () =>
        changeTables(({ events, index }) => void index.putSync(lastKey(index), firstKey(events))),
      /its tables don't agree on its last event/,
    ],
  ])('%s is refused in one line that says what to do', async (_name, damage, found) => {
    await damage();
    const line = await refusal();
    expect(line).toMatch(found);
    expect(line).toMatch(/: restore the folder from a copy, or empty it$/);
    expect(line).not.toContain('\n');
  });

  it('is refused a moment after the start where it is too large to check at once; nothing is read before', async () => {
    overwrite(...pagesWith(ids[EVENTS / 2]!));
    // What lies behind the last page counts for nothing but the size.
    truncateSync(file, 100 * 1024 * 1024);
    const lines: string[] = [];
    const engine = await startEventStore({ dataDir: folder, onLog: (line) => lines.push(line) });
    const client = EventStoreDBClient.connectionString(engine.url);
    await expect(collect(client.readAll())).rejects.toThrow();
    expect(await engine.exited).toEqual({ code: 1, signal: null });
    expect(lines.at(-1)).toMatch(/page \d+ holds something else\): restore the folder/);
  });

  it('that starts all the same names the place where a read comes upon it, and reads the rest', async () => {
    let first: Buffer | undefined;
    await changeTables(({ events }) => {
      first = firstKey(events);
      events.putSync(first, events.get(lastKey(events)));
    });
    const engine = await startEventStore({ dataDir: folder });
    const client = EventStoreDBClient.connectionString(engine.url);
    await expect(collect(client.readStream('stream-0'))).rejects.toThrow(
      `The event at position ${first!.readBigUInt64BE()} is damaged: restore the data folder from a copy`,
    );
    expect(await collect(client.readStream('stream-1'))).toHaveLength(PER_STREAM);
    await client.dispose();
    await engine.stop();
  });

  it('is taken where nothing is damaged, whatever its size', async () => {
    truncateSync(file, 100 * 1024 * 1024);
    const engine = await startEventStore({ dataDir: folder });
    const client = EventStoreDBClient.connectionString(engine.url);
    const read = await collect(client.readAll());
    expect(read.map(({ event }) => event!.id)).toEqual(ids);
    await client.appendToStream('stream-0', counted(1));
    await client.dispose();
    await engine.stop();
  });
});
