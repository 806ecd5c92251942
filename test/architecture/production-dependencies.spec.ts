import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Options } from '@swc/core';
import { transformSync } from '@swc/core';
import { operatorRoles, serviceRoles } from '@app/config';

const root = resolve(__dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const processes = [...serviceRoles, operatorRoles[0]];

const swc = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8')) as Options;

/** Of a file's imports, those that are left when it runs; read once for all roles. */
const loadedBy = new Map<string, readonly string[]>();

/** The image has `dependencies` alone: docker/Dockerfile. */
describe.each(processes)('What %s loads when it runs', (role) => {
  const loaded = new Map<string, string>();
  const files = new Set<string>();
  collect(join(root, `apps/${role}/src/main.ts`));

  it('is Node’s own or a production dependency', () => {
    expect(files.size).toBeGreaterThan(20);
    const missing = [...loaded].filter(([name]) => !(name in manifest.dependencies));
    expect(Object.fromEntries(missing)).toEqual({});
  });

  it('is none of the embedded engines, which the image is built without', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    const absent = ignored.filter((line) => /^(apps|libs)\//.test(line));
    expect(absent).toContain('libs/embedded');
    const reached = [...files].filter((file) =>
      absent.some((folder) => file.startsWith(join(root, folder, '/'))),
    );
    expect(reached).toEqual([]);
  });

  function collect(file: string): void {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of specifiersOf(file)) {
      const source = sourceOf(specifier, file);
      if (source !== undefined) collect(source);
      else if (!isBuiltIn(specifier)) loaded.set(packageOf(specifier), file.slice(root.length + 1));
    }
  }
});

/** What is required, in what the build makes of it: imports of types alone are gone there. */
function specifiersOf(file: string): readonly string[] {
  const known = loadedBy.get(file);
  if (known) return known;
  const { code } = transformSync(readFileSync(file, 'utf8'), { ...swc, sourceMaps: false });
  const required = code.matchAll(/\brequire(?:\.resolve)?\(\s*["'`]([^"'`$]+)/g);
  const specifiers = [...required].map(([, specifier]) => specifier!);
  loadedBy.set(file, specifiers);
  return specifiers;
}

/** The file of ours that is meant; undefined when it is a package. */
function sourceOf(specifier: string, importer: string): string | undefined {
  const path = specifier.startsWith('@app/')
    ? join(root, 'libs', specifier.slice('@app/'.length), 'src')
    : specifier.startsWith('.') && resolve(dirname(importer), specifier);
  if (!path) return undefined;
  const candidates = [`${path}.ts`, join(path, 'index.ts'), path];
  return candidates.find((candidate) => candidate.endsWith('.ts') && existsSync(candidate));
}

function isBuiltIn(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/** `@scope/name` or `name`, without the file within it. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
