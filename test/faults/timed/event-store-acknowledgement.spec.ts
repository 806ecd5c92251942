import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binaryEvent, EventStoreDBClient } from '@eventstore/db-client';
import { startEventStore } from '@app/embedded';
import { DiskWrites, folderOnDisk } from '../../support/disk-writes';

const APPENDS = 20;
const ROUNDS = 5;
/** Random, since some file systems compress. */
const EVENT_BYTES = 900_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(folderOnDisk(), 'event-store-acknowledgement-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns of each append, what the disk had finished writing when it was acknowledged, in bytes */
async function finishedAtAcknowledgement(options: { fsync: boolean }): Promise<number[]> {
  const engine = await startEventStore({ dataDir: folder, ...options });
  const client = EventStoreDBClient.connectionString(engine.url);
  const disk = new DiskWrites(folder);
  const finished: number[] = [];
  for (let n = 0; n < APPENDS; n += 1) {
    const event = binaryEvent({ type: 'Big', data: randomBytes(EVENT_BYTES) });
    disk.begin();
    await client.appendToStream('one', event);
    finished.push(disk.finished());
  }
  await client.dispose();
  await engine.stop();
  return finished;
}

describe('an append that is acknowledged', () => {
  it('is on disk by then: the device has finished writing it', async () => {
    const finished = await finishedAtAcknowledgement({ fsync: true });
    expect(finished.filter((bytes) => bytes < EVENT_BYTES)).toEqual([]);
  });

  it('would be seen not to be: without syncs the same look finds it missing', async () => {
    let missing: number[] = [];
    // The device counts what others write, too: a busy one may seem to have written all of it.
    for (let round = 0; round < ROUNDS && missing.length === 0; round += 1) {
      const finished = await finishedAtAcknowledgement({ fsync: false });
      missing = finished.filter((bytes) => bytes < EVENT_BYTES);
    }
    expect(missing).not.toEqual([]);
  });
});
