import { readableMessage } from '@app/observability';
import { parseInspection, usage, UsageError, type Inspection } from './arguments';
import { inspect, NothingFoundError } from './inspect';
import { openInspected } from './inspected-store';
import { printer } from './printer';

/** How this command ends; said in its usage. */
const exitCodes = { done: 0, failed: 1, wrongUsage: 2, nothingFound: 3 } as const;

/** Looks into an event store's folder: `npm run event-store -- --help`. */
async function main(): Promise<void> {
  const inspection = parseInspection(process.argv.slice(2));
  if (inspection) await run(inspection);
  else console.log(usage);
}

async function run({ command, json, dataDir }: Inspection): Promise<void> {
  const ending = new AbortController();
  // Ending in the middle of a page would leave LMDB's table of readers with a reader that is gone,
  // and the store would keep free pages for it.
  const end = (): void => ending.abort();
  process.on('SIGINT', end).on('SIGTERM', end);
  const { signal } = ending;
  const store = await openInspected(dataDir, signal);
  try {
    await inspect({ ...store, json, print: printer(process.stdout, ending), signal }, command);
  } finally {
    await store.log.close();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.wrongUsage;
  return error instanceof NothingFoundError ? exitCodes.nothingFound : exitCodes.failed;
}

main().catch((error: unknown) => {
  const hint = error instanceof UsageError ? '; see --help' : '';
  console.error(`event-store: ${readableMessage(error)}${hint}`);
  process.exitCode = exitCodeOf(error);
});
