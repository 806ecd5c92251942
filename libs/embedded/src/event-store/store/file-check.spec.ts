import { createHash, randomFillSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLog } from './event-log';
import { checkFile } from './file-check';
import { DATABASE_FILE, UnusableFolderError } from './folder';
import { DamagedEventError } from './log-error';
import { allForwards } from './pages';
import { Recorder } from './recorder';

const PAGE_BYTES = 4_096;
const HEADS = 2;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-pages-'));
  file = join(folder, DATABASE_FILE);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Some hundred pages, of every kind: branches, rows, and rows too long for a page. */
async function writeEvents(): Promise<void> {
  const log = EventLog.open(folder, { fsync: false });
  for (let commit = 0; commit < 3; commit += 1) {
    let position = log.nextPosition;
    const events = Array.from({ length: 120 }, (_, n) => {
      const proposed = {
        ...{ id: randomUUID(), type: 'Written', contentType: 'application/json' },
        data: Buffer.alloc(n % 50 === 0 ? 3_000 : 100, 'x'),
        customMetadata: Buffer.alloc(0),
      };
      const place = { stream: `stream-${n}`, revision: commit, position };
      const event = new Recorder(0).record(proposed, place);
      position = event.next;
      return event;
    });
    await log.commit(events);
  }
  await log.close();
}

/**
 * A digest of all that a reader can see: by position, and by stream.
 *
 * @throws DamagedEventError
 */
async function readEvents(): Promise<string> {
  const log = EventLog.open(folder, { fsync: false });
  const read = createHash('sha256');
  try {
    for (const page of allForwards(log, 0)) {
      if (page.length === 0) break;
      for (const { recorded, stream, revision } of page) {
        read.update(recorded).update(log.eventAt(stream, revision)!.recorded);
      }
    }
  } finally {
    await log.close();
  }
  return read.digest('hex');
}

async function readOrDamaged(): Promise<string> {
  try {
    return await readEvents();
  } catch (error) {
    if (error instanceof DamagedEventError) return 'damaged';
    throw error;
  }
}

function refuses(): boolean {
  try {
    return checkFile(file) !== 'checked';
  } catch (error) {
    if (error instanceof UnusableFolderError) return true;
    throw error;
  }
}

describe('the check of a database', () => {
  it('takes one that is whole', async () => {
    await writeEvents();
    expect(checkFile(file)).toBe('checked');
  });

  it.each<[string, (page: Buffer) => Buffer]>([
    ['random bytes', (page) => randomFillSync(page)],
    ['zeroes', (page) => page.fill(0)],
    ['random bytes behind its header', (page) => randomFillSync(page.subarray(24, 200))],
    ['random bytes at its end', (page) => randomFillSync(page.subarray(-40))],
  ])('finds %s in any page, at once or when it is read', async (_name, damage) => {
    await writeEvents();
    const read = await readEvents();
    const bytes = readFileSync(file);
    let found = 0;
    const pages = bytes.length / PAGE_BYTES;
    for (let page = 0; page < pages; page += 1) {
      const damaged = Buffer.from(bytes);
      void damage(damaged.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
      writeFileSync(file, damaged);
      const seen = refuses() ? 'refused' : await readOrDamaged();
      if (seen !== read) found += 1;
      if (page >= HEADS) expect([read, 'refused', 'damaged']).toContain(seen);
    }
    expect(found).toBeGreaterThan(pages / 2);
  });

  it('refuses a file that is cut anywhere', async () => {
    await writeEvents();
    const bytes = readFileSync(file);
    for (let length = 0; length < bytes.length; length += 3_333) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(refuses()).toBe(true);
    }
  });
});
