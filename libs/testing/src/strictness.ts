import { basename } from 'node:path';

/**
 * How the event stores of this spec file are strict (see Strictness in libs/embedded): the same run
 * for the same `--seed` of jest, whichever other files run. `EVENT_STORE=steady` has them well-behaved,
 * which tells whether it is strictness that turns a test red.
 *
 * @returns undefined when they are steady
 */
export function strictness(): { readonly seed: string } | undefined {
  const wanted = process.env.EVENT_STORE ?? 'strict';
  if (wanted === 'steady') return undefined;
  if (wanted !== 'strict') throw new Error(`EVENT_STORE is ${wanted}: it can be strict or steady`);
  // Each file has its own, or the first subscription would always go alike.
  return { seed: `${jest.getSeed()}.${basename(expect.getState().testPath ?? '')}` };
}
