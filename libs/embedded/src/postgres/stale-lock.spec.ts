import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeStaleLock } from './stale-lock';

describe('removeStaleLock', () => {
  const process = { pid: 4711, started: 'before the last boot' };
  const gone = { parent: process, guard: process, engine: process, stopSignal: 'SIGINT' } as const;
  let cluster: string;
  let lock: string;

  beforeEach(() => {
    cluster = mkdtempSync(join(tmpdir(), 'stale-lock-'));
    lock = join(cluster, 'postmaster.pid');
  });
  afterEach(() => rmSync(cluster, { recursive: true }));

  it('removes the lock of a server that is known to be gone', () => {
    writeFileSync(lock, '4711\n/data\n');
    removeStaleLock(cluster, [gone]);
    expect(existsSync(lock)).toBe(false);
  });

  it("leaves the lock of any other server to PostgreSQL's own judgement", () => {
    writeFileSync(lock, '4712\n/data\n');
    removeStaleLock(cluster, [gone]);
    removeStaleLock(cluster, []);
    expect(existsSync(lock)).toBe(true);
  });

  it('has nothing to do where there is no lock', () => {
    expect(() => removeStaleLock(cluster, [gone])).not.toThrow();
  });
});
