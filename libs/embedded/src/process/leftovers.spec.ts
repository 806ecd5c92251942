import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '@app/processes';
import { reclaimLeftovers } from './leftovers';
import { writeRunRecord } from './run-record';

describe('reclaimLeftovers', () => {
  const ours = identify(process.pid)!;
  const dead = { pid: 2 ** 30, started: 'long ago' };
  let runFolder: string;

  beforeEach(() => {
    runFolder = mkdtempSync(join(tmpdir(), 'leftovers-'));
  });
  afterEach(() => rmSync(runFolder, { recursive: true }));

  const reclaim = (folder = runFolder) => reclaimLeftovers(folder, 'kafka', () => undefined);

  it('refuses an engine that has its parent and its guard', async () => {
    const record = { parent: ours, guard: ours, engine: ours, stopSignal: 'SIGTERM' } as const;
    writeRunRecord(runFolder, record);
    await expect(reclaim()).rejects.toThrow('The embedded kafka already runs on this data folder');
  });

  it('forgets an engine that is gone, and tells which', async () => {
    const record = { parent: ours, guard: dead, engine: dead, stopSignal: 'SIGTERM' } as const;
    const file = writeRunRecord(runFolder, record);
    expect(await reclaim()).toEqual([record]);
    expect(existsSync(file)).toBe(false);
  });

  it('never touches a stranger who got the number of an engine', async () => {
    const engine = { pid: process.pid, started: 'before the last boot' };
    writeRunRecord(runFolder, { parent: dead, guard: dead, engine, stopSignal: 'SIGKILL' });
    expect(await reclaim()).toHaveLength(1);
  });

  it('passes over what is no record, and a folder that is not there', async () => {
    writeFileSync(join(runFolder, '7.json'), '{"parent":');
    expect(await reclaim()).toEqual([]);
    expect(await reclaim(join(runFolder, 'none'))).toEqual([]);
  });
});
