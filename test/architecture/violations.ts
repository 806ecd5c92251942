import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';
import { drivers, libsFor, pure } from './import-table';
import { importsOf } from './imports';
import { impuritiesOf } from './impurities';

/**
 * What a file does against the import table, one line each.
 *
 * @param path from the project's root, under apps/ or libs/
 */
export function violationsOf(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const room = roomOf(path)!;
  const isSpec = path.endsWith('.spec.ts');
  const isPure = pure.includes(room) && !isSpec;

  const forbidden = importsOf(source).flatMap(({ specifier, line }) => {
    const reason =
      specifier === undefined
        ? 'imports something computed'
        : reasonAgainst(specifier, { path, room, isSpec, isPure });
    return reason === undefined ? [] : [`${path}:${line} ${reason}`];
  });
  const impure = isPure ? impuritiesOf(source).map((what) => `${path} uses ${what}`) : [];
  return [...forbidden, ...impure];
}

interface Importer {
  readonly path: string;
  readonly room: string;
  readonly isSpec: boolean;
  readonly isPure: boolean;
}

function reasonAgainst(specifier: string, importer: Importer): string | undefined {
  const { path, room, isSpec, isPure } = importer;
  if (specifier.startsWith('.')) {
    const target = roomOf(normalize(join(dirname(path), specifier)));
    return target === room ? undefined : `${room} leaves itself by the path ${specifier}`;
  }
  if (specifier.startsWith('@app/')) {
    const lib = specifier.slice('@app/'.length);
    return lib === room || libsFor(room, { isSpec }).includes(lib)
      ? undefined
      : `${room} may not import ${specifier}`;
  }
  if (isPure) return `${room} imports nothing, but ${specifier}`;
  return isSpec ? undefined : reasonAgainstDriver(specifier, room);
}

/** A driver belongs to its room; everybody else goes through that room. */
function reasonAgainstDriver(specifier: string, room: string): string | undefined {
  const driver = Object.keys(drivers).find(
    (name) => specifier === name || specifier.startsWith(`${name}/`),
  );
  return driver === undefined || drivers[driver]!.includes(room)
    ? undefined
    : `${room} may not use ${driver}, which belongs to ${drivers[driver]!.join(', ')}`;
}

/** `domain` for what lies in libs/domain, `apps/api` for what lies in apps/api. */
function roomOf(path: string): string | undefined {
  const [top, name] = path.split('/');
  if (name === undefined) return undefined;
  if (top === 'libs') return name;
  return top === 'apps' ? `apps/${name}` : undefined;
}
