import { SettingsError } from '@app/config';
import { NothingFound, WrongUsage } from '@app/operations';

/** What is asked for destroys something, and nobody has confirmed it. Nothing was changed. */
export class NotConfirmed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotConfirmed';
  }
}

/** How `ops` ends; said in its help. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, nothingDone: 3 } as const;

/** @param error what was thrown; commander throws for `--help` as well, with an exit code of 0 */
export function exitCodeOf(error: unknown): number {
  if (isCommanders(error)) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  if (error instanceof WrongUsage || error instanceof SettingsError) return exitCodes.wrongUsage;
  if (error instanceof NothingFound || error instanceof NotConfirmed) return exitCodes.nothingDone;
  return exitCodes.failed;
}

/** What commander throws once it has said itself what there is to say. */
export function isCommanders(error: unknown): error is { readonly exitCode: number } {
  return String((error as { code?: unknown }).code).startsWith('commander.');
}
