import { createInterface } from 'node:readline/promises';
import { NotConfirmed } from './exit-codes';

/** Where somebody is asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Standard output stays what the command prints. */
const terminalOfProcess: Terminal = { input: process.stdin, output: process.stderr };

/**
 * Asks the person at the terminal to type the name of what is about to be destroyed.
 *
 * @param preview what would be done, a line each
 * @throws NotConfirmed when they type something else, or nobody is there
 */
export async function confirmed(
  name: string,
  preview: readonly string[],
  { input, output }: Terminal = terminalOfProcess,
): Promise<void> {
  if (!input.isTTY || !output.isTTY) {
    throw new NotConfirmed(`nobody is there to confirm it: give --yes to ${preview.join(' and ')}`);
  }
  const readline = createInterface({ input, output });
  try {
    for (const line of preview) output.write(`This would ${line}.\n`);
    const ended = new Promise<string>((resolve) => readline.once('close', () => resolve('')));
    const typed = await Promise.race([readline.question(`Type ${name} to do it: `), ended]);
    if (typed.trim() !== name) throw new NotConfirmed('not confirmed: nothing was changed');
  } finally {
    readline.close();
  }
}
