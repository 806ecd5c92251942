import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CopyKeys, CopyKeysError } from './copy-keys';

describe('The keys of copies', () => {
  let parent: string;
  let folder: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'copy-keys-'));
    folder = join(parent, 'keys');
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it('are files for their owner alone, in a folder for its owner alone', () => {
    const keys = CopyKeys.in(folder);
    const made = keys.make();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, made.id)).mode & 0o777).toBe(0o600);
    expect(made.key).toHaveLength(32);
    expect(CopyKeys.in(folder).find(made.id)).toEqual(made.key);
  });

  it('are gone once they are destroyed, and that can be repeated', () => {
    const keys = CopyKeys.in(folder);
    const [one, other] = [keys.make(), keys.make()];
    keys.destroy(one.id);
    keys.destroy(one.id);
    expect(keys.find(one.id)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([other.id]);
  });

  it('are listed when they are old, and nothing else that lies there', () => {
    const keys = CopyKeys.in(folder);
    const [old] = [keys.make(), keys.make()];
    utimesSync(join(folder, old.id), new Date(0), new Date(0));
    writeFileSync(join(folder, 'README'), '');
    utimesSync(join(folder, 'README'), new Date(0), new Date(0));
    expect(keys.list(60_000)).toEqual([old.id]);
  });

  it('never lie in a folder that others can look into, or that is none', () => {
    CopyKeys.in(folder);
    chmodSync(folder, 0o750);
    expect(() => CopyKeys.in(folder)).toThrow(
      new CopyKeysError(`${folder} can be looked into by others: chmod 700 it`),
    );
    writeFileSync(join(parent, 'file'), '');
    expect(() => CopyKeys.in(join(parent, 'file'))).toThrow(
      'is no folder: see REVOCATION_KEYS_DIR',
    );
    expect(() => CopyKeys.in(join(parent, 'no', 'where'))).toThrow("can't be made (ENOENT)");
  });

  it('have no ids that lead elsewhere', () => {
    const keys = CopyKeys.in(folder);
    for (const id of ['../copy', 'README', ''])
      expect(() => keys.destroy(id)).toThrow('such an id');
  });
});
