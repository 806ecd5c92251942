import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLog } from './event-log';
import { DATABASE_FILE } from './folder';
import { recordEvent, type StoredEvent } from './stored-event';

describe('a log that is opened to be read', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const nothing = new Uint8Array();
  const event = (revision: number, position: number): StoredEvent =>
    recordEvent(
      {
        ...{ id: randomUUID(), type: 'Written', contentType: 'application/json' },
        ...{ data: nothing, customMetadata: nothing },
      },
      { stream: 'one', revision, position, created: 0 },
    );

  it('has what was written, and takes nothing', async () => {
    const written = EventLog.open(folder, { fsync: false });
    await written.commit([event(0, 1)]);
    const next = written.nextPosition;
    await written.close();
    const before = readFileSync(join(folder, DATABASE_FILE));

    const log = EventLog.openToRead(folder);
    expect(log.lastRevision('one')).toBe(0);
    await expect(log.commit([event(1, next)])).rejects.toThrow();
    expect(log.lastRevision('one')).toBe(0);
    await log.close();
    expect(readFileSync(join(folder, DATABASE_FILE)).equals(before)).toBe(true);
  });
});
