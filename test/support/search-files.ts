import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files below a folder, whichever process wrote them. */
function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** As a text could stand in a file: plain, in base64 at each of its three offsets, in hex. */
function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const inBase64 = [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // The first and the last characters depend on what stands beside it.
    return shifted.slice(offset === 0 ? 0 : 4, -4);
  });
  return [text, ...inBase64, bytes.toString('hex')].map((form) => Buffer.from(form));
}

/** How often a folder is gone through in which files go away meanwhile. */
const passes = 10;

/**
 * Searches raw files for texts, also those of engines that run.
 *
 * @returns `<file>: <text>` for each find
 */
export function findInFiles(folders: readonly string[], texts: readonly string[]): string[] {
  const wanted = texts.map((text) => ({ text, forms: formsOf(text) }));
  return folders.flatMap((folder) =>
    contentsBelow(folder).flatMap(([file, content]) =>
      wanted
        .filter(({ forms }) => forms.some((form) => content.includes(form)))
        .map(({ text }) => `${file}: ${text}`),
    ),
  );
}

/**
 * Every file with what stands in it. An engine writes some of its files anew and renames them (Kafka its
 * checkpoints, every few seconds): where one was gone before it was read, all are looked for again.
 */
function contentsBelow(folder: string): [file: string, content: Buffer][] {
  for (let pass = 1; ; pass++) {
    try {
      return [...filesBelow(folder)].map((file) => [file, readFileSync(file)]);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT' || pass === passes) throw error;
    }
  }
}

/** Where PostgreSQL has its files: in its folder, or, as root, where the folder points to. */
export function pointedFrom(folder: string): string {
  const pointer = join(folder, 'outside');
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : folder;
}

/** Every key of a key file, wherever it stands in it. */
export function base64KeysIn(value: unknown): string[] {
  if (typeof value === 'string') return /^[A-Za-z0-9+/]{43}=$/.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(base64KeysIn);
}
