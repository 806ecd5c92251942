import { once } from 'node:events';
import type { Writable } from 'node:stream';

/**
 * Prints lines as fast as they are taken. Where nobody takes them any more (`| head`), it ends the
 * whole: there is nobody left to tell why.
 *
 * @param ending aborted when the output is closed; when aborted by others, nothing more is waited for
 */
export function printer(
  output: Writable,
  ending: AbortController,
): (lines: readonly string[]) => Promise<void> {
  output.on('error', () => ending.abort());
  return async (lines) => {
    if (lines.length === 0 || output.write(`${lines.join('\n')}\n`)) return;
    await once(output, 'drain', { signal: ending.signal }).catch((error: unknown) => {
      if (!ending.signal.aborted) throw error;
    });
  };
}
