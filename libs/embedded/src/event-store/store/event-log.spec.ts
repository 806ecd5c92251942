import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLog } from './event-log';
import { DATABASE_FILE } from './folder';
import { Recorder } from './recorder';
import type { StoredEvent } from './stored-event';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nothing = new Uint8Array();
const event = (stream: string, revision: number, position: number): StoredEvent =>
  new Recorder(0).record(
    {
      ...{ id: randomUUID(), type: 'Written', contentType: 'application/json' },
      ...{ data: nothing, customMetadata: nothing },
    },
    { stream, revision, position },
  );

describe('a commit', () => {
  it('leaves each stream at its last event', async () => {
    const log = EventLog.open(folder, { fsync: false });
    const events = [event('one', 0, 1), event('two', 0, 1_000), event('one', 1, 2_000)];
    await log.commit(events);
    expect(log.streamEnds('')).toEqual([
      { stream: 'one', lastRevision: 1 },
      { stream: 'two', lastRevision: 0 },
    ]);
    await log.close();
  });
});

describe('a log that is opened to be read', () => {
  it('has what was written, and takes nothing', async () => {
    const written = EventLog.open(folder, { fsync: false });
    await written.commit([event('one', 0, 1)]);
    const next = written.nextPosition;
    await written.close();
    const before = readFileSync(join(folder, DATABASE_FILE));

    const log = EventLog.openToRead(folder);
    expect(log.lastRevision('one')).toBe(0);
    await expect(log.commit([event('one', 1, next)])).rejects.toThrow();
    expect(log.lastRevision('one')).toBe(0);
    await log.close();
    expect(readFileSync(join(folder, DATABASE_FILE)).equals(before)).toBe(true);
  });
});
