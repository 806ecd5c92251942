import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { libs, libsFor } from './import-table';
import { violationsOf } from './violations';

const root = resolve(__dirname, '../..');

describe('the import table', () => {
  it('holds in every file of apps and libs', () => {
    const files = sourcesUnder('apps').concat(sourcesUnder('libs'));
    expect(files.length).toBeGreaterThan(100);
    const violations = files.flatMap((path) =>
      violationsOf(path, readFileSync(join(root, path), 'utf8')),
    );
    expect(violations).toEqual([]);
  });

  it('names every lib that there is', () => {
    expect([...libs].sort()).toEqual(readdirSync(join(root, 'libs')).sort());
  });

  it('has no circle', () => {
    const circles = libs.filter((lib) => reachableFrom(lib).has(lib));
    expect(circles).toEqual([]);
  });
});

function sourcesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}

function reachableFrom(lib: string, reached = new Set<string>()): Set<string> {
  for (const next of libsFor(lib)) {
    if (next === lib || reached.has(next)) continue;
    reached.add(next);
    reachableFrom(next, reached);
  }
  return reached;
}
