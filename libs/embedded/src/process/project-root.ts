import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder that holds package.json, found upwards from this file: the same whether the
 * code runs from its TypeScript source (under jest) or from dist.
 *
 * @throws Error when no folder above holds a package.json
 */
export function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json in any folder above ${__dirname}`);
    folder = parent;
  }
  return folder;
}

/**
 * The compiled form of a source file. A child process needs it also under jest, where no
 * JavaScript stands beside the TypeScript source.
 *
 * @param relative path from the project's root, without an extension
 */
export function builtFile(relative: string): string {
  return join(projectRoot(), 'dist', `${relative}.js`);
}
