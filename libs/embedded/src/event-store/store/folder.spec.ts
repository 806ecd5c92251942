import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DATABASE_FILE,
  findFolder,
  FORMAT_VERSION,
  prepareFolder,
  UnusableFolderError,
} from './folder';

describe('the data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'event-store-folder-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const writeFormat = (content: string): void =>
    writeFileSync(join(folder, 'format.json'), content);

  it('is made when missing, and says its format', () => {
    const path = prepareFolder(join(folder, 'new', 'store'));
    const format: unknown = JSON.parse(readFileSync(join(path, 'format.json'), 'utf8'));
    expect(format).toEqual({ version: FORMAT_VERSION });
    expect(prepareFolder(path)).toBe(path);
  });

  it('of an older format is taken, and says from then on that older code must not touch it', () => {
    writeFormat(JSON.stringify({ version: 1 }));
    prepareFolder(folder);
    const format: unknown = JSON.parse(readFileSync(join(folder, 'format.json'), 'utf8'));
    expect(format).toEqual({ version: FORMAT_VERSION });
  });

  it.each<[string, () => void, RegExp]>([
    [
      'of a newer format',
      () => writeFormat(JSON.stringify({ version: FORMAT_VERSION + 1 })),
      /written in format 3, .* reads up to 2: update the project/,
    ],
    ['with a damaged format file', () => writeFormat('{"vers'), /can't be read: restore/],
    ['with a format file that says nothing', () => writeFormat('{}'), /can't be read: restore/],
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
    const path = prepareFolder(folder);
    writeFileSync(join(folder, DATABASE_FILE), '');
    expect(findFolder(folder)).toBe(path);
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
