import {
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  completeFolder,
  DATABASE_FILE,
  findFolder,
  FORMAT_VERSION,
  makeFolder,
  prepareFolder,
  UnusableFolderError,
} from './folder';

describe('the data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'event-store-folder-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is refused in one line where a file stands in its place', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const line = /^.*file can't be made a data folder: choose another one \(EEXIST.*\)$/;
    expect(() => makeFolder(file)).toThrow(line);
    expect(() => makeFolder(file)).toThrow(UnusableFolderError);
  });

  const writeFormat = (content: string): void =>
    writeFileSync(join(folder, 'format.json'), content);

  const format = (): unknown => JSON.parse(readFileSync(join(folder, 'format.json'), 'utf8'));
  const has = (name: string): boolean => existsSync(join(folder, name));

  it('is made when missing, with the folders above it', () => {
    const path = join(folder, 'new', 'store');
    expect(makeFolder(path)).toBe(path);
    expect(makeFolder(path)).toBe(path);
  });

  it('says its format once its database is there', () => {
    expect(prepareFolder(folder)).toEqual({ isNew: true });
    expect(has('format.json')).toBe(false);
    writeFileSync(join(folder, DATABASE_FILE), '');
    completeFolder(folder);
    expect(format()).toEqual({ version: FORMAT_VERSION });
    expect(prepareFolder(folder)).toEqual({ isNew: false });
  });

  it('begins anew when it was left before it was complete', () => {
    prepareFolder(folder);
    writeFileSync(join(folder, DATABASE_FILE), 'half');
    expect(prepareFolder(folder)).toEqual({ isNew: true });
    expect(has(DATABASE_FILE)).toBe(false);
  });

  it('of an older format is taken, and says from then on that older code must not touch it', () => {
    writeFormat(JSON.stringify({ version: 1 }));
    writeFileSync(join(folder, DATABASE_FILE), '');
    prepareFolder(folder);
    expect(format()).toEqual({ version: FORMAT_VERSION });
  });

  it.each<[string, () => void, RegExp]>([
    [
      'of a newer format',
      () => writeFormat(JSON.stringify({ version: FORMAT_VERSION + 1 })),
      /written in format 4, .* reads up to 3: update the project/,
    ],
    ['with a damaged format file', () => writeFormat('{"vers'), /can't be read: restore/],
    ['with a format file that says nothing', () => writeFormat('{}'), /can't be read: restore/],
    [
      'that has lost its database',
      () => writeFormat(JSON.stringify({ version: FORMAT_VERSION })),
      /has lost its events.mdb: restore the folder from a copy, or empty it/,
    ],
    [
      'that holds another database',
      () => writeFileSync(join(folder, 'data.mdb'), ''),
      /holds a database but no format.json/,
    ],
  ])('is refused %s, in one line', (_name, damage, line) => {
    damage();
    expect(() => prepareFolder(folder)).toThrow(UnusableFolderError);
    expect(() => prepareFolder(folder)).toThrow(line);
    expect(() => prepareFolder(folder)).not.toThrow(/\n/);
  });

  it('is found by whoever only looks, and refused in the same words', () => {
    writeFormat(JSON.stringify({ version: FORMAT_VERSION }));
    writeFileSync(join(folder, DATABASE_FILE), '');
    expect(findFolder(folder)).toBe(folder);
    writeFormat('{"version": 99}');
    expect(() => findFolder(folder)).toThrow(/written in format 99, .*: update the project/);
  });

  it.each<[string, () => void]>([
    ['empty', () => undefined],
    ['of somebody else', () => writeFileSync(join(folder, DATABASE_FILE), '')],
    ['in which nothing was ever stored', () => void prepareFolder(folder)],
  ])('is none to look into: %s', (_name, prepare) => {
    prepare();
    const before = readdirSync(folder);
    expect(() => findFolder(folder)).toThrow(UnusableFolderError);
    expect(() => findFolder(folder)).toThrow(/^There is no event store in /);
    expect(readdirSync(folder)).toEqual(before);
  });
});
