import { existsSync } from 'node:fs';
import type { Change } from './change';

/**
 * A key file at a place where there is none.
 *
 * @param create throws EEXIST where there is one: nobody else can come between
 */
export function creatingFile(path: string, create: () => Promise<void>): Change<void> {
  return {
    preview: async () => {
      if (existsSync(path)) throw notMade(path, 'EEXIST');
      return [`make the key file ${path}, mode 0600`];
    },
    apply: async () => {
      try {
        await create();
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        throw notMade(path, code, message);
      }
    },
  };
}

function notMade(path: string, code: string | undefined, message = ''): Error {
  const reason = code === 'EEXIST' ? 'there is a file of that name already' : message;
  return new Error(`No key file was made at ${path}: ${reason}`);
}
