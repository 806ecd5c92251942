import { setImmediate as endOfTurn } from 'node:timers/promises';
import { visible } from '@app/observability';
import { BEFORE_ALL, type EventLog } from '../store/event-log';
import { LAST } from '../store/keys';
import * as pages from '../store/pages';
import { isShown, retentionOf, type Retention } from '../store/retention';
import type { StoredEvent } from '../store/stored-event';
import { TOMBSTONE } from '../store/system-streams';
import type { Command } from './arguments';
import { eventForPeople, eventForPrograms } from './event-form';
import { streamForPeople, streamForPrograms, streamHeading } from './stream-summary';

/** What is asked for isn't there; `message` is one line. */
export class NothingFoundError extends Error {
  override readonly name = 'NothingFoundError';
}

export interface Inspector {
  readonly log: EventLog;
  readonly json: boolean;
  /** Settles when the lines have been taken: whoever reads slowly is waited for. */
  readonly print: (lines: readonly string[]) => Promise<void>;
  /** Settles when there may be new events. @throws UnusableFolderError when there can be none any more */
  readonly mayHaveGrown: () => Promise<void>;
  /** Ends it after the page at hand. */
  readonly signal: AbortSignal;
}

type CommandOf<Kind extends Command['kind']> = Command & { readonly kind: Kind };

/** Shows what a command asks for, page by page. @throws NothingFoundError */
export async function inspect(inspector: Inspector, command: Command): Promise<void> {
  switch (command.kind) {
    case 'streams':
      return showStreams(inspector, command);
    case 'stream':
      return showStream(inspector, command);
    case 'tail':
      return showTail(inspector, command);
  }
}

async function showStreams(
  { log, json, print, signal }: Inspector,
  { prefix }: CommandOf<'streams'>,
): Promise<void> {
  const now = Date.now();
  const form = json ? streamForPrograms : streamForPeople;
  if (!json) await print([streamHeading]);
  let page = log.streamEnds(prefix);
  while (page.length > 0 && !signal.aborted) {
    await print(page.map((end) => form(log, end, now)));
    page = log.streamEnds(prefix, page.at(-1)!.stream);
  }
}

async function showStream(inspector: Inspector, command: CommandOf<'stream'>): Promise<void> {
  if (inspector.log.lastRevision(command.stream) < 0) {
    throw new NothingFoundError(`There is no stream ${visible(command.stream)}`);
  }
  let left = command.count;
  for (const page of pagesOf(inspector.log, command)) {
    const shown = page.slice(0, left);
    if (shown.length === 0 || inspector.signal.aborted) return;
    await printEvents(inspector, shown);
    left -= shown.length;
  }
}

/** All of a stream's events: its tombstone, which no read shows, is the last one. */
function* pagesOf(
  log: EventLog,
  { stream, from, backwards }: CommandOf<'stream'>,
): Generator<StoredEvent[]> {
  if (backwards) {
    yield* pages.streamBackwards(log, stream, { from: from ?? LAST, downTo: 0 });
    return;
  }
  for (const page of pages.streamForwards(log, stream, from ?? 0)) {
    if (page.length === 0) break;
    yield page;
  }
  const tombstone = log.eventAt(stream, TOMBSTONE);
  if (tombstone) yield [tombstone];
}

async function showTail(inspector: Inspector, command: CommandOf<'tail'>): Promise<void> {
  const { log, signal } = inspector;
  const end = log.allBackwards(LAST)[0]?.position ?? BEFORE_ALL;
  const start = await startOfTail(inspector, command, end);
  for (const page of pages.allForwards(log, start)) {
    const isOver = page.length === 0 || page.at(-1)!.position >= end;
    const asked = command.follow ? page : page.filter(({ position }) => position <= end);
    await printEvents(inspector, asked.filter(isOf(command.prefix)));
    if (signal.aborted || (isOver && !command.follow)) return;
    if (page.length === 0) await inspector.mayHaveGrown();
  }
}

/** Looked for backwards, keeping the place alone: a long tail takes no more memory than a short one. */
async function startOfTail(
  { log, signal }: Inspector,
  { count, prefix }: CommandOf<'tail'>,
  end: number,
): Promise<number> {
  let start = end + 1;
  let left = count;
  for (const page of pages.allBackwards(log, end + 1)) {
    const found = page.filter(isOf(prefix)).slice(0, left);
    start = found.at(-1)?.position ?? start;
    left -= found.length;
    if (page.length === 0 || left === 0 || signal.aborted) break;
    await endOfTurn();
  }
  return start;
}

function isOf(prefix: string): (event: StoredEvent) => boolean {
  return ({ stream }) => stream.startsWith(prefix);
}

async function printEvents(
  { log, print, json }: Inspector,
  events: readonly StoredEvent[],
): Promise<void> {
  const isHidden = hiddenFrom(log);
  const form = json ? eventForPrograms : eventForPeople;
  await print(events.map((event) => form({ event, isHidden: isHidden(event) })));
}

/** Tells whether reads of their streams pass over events; each stream is looked up once. */
function hiddenFrom(log: EventLog): (event: StoredEvent) => boolean {
  const now = Date.now();
  const retentions = new Map<string, Retention>();
  return (event) => {
    const retention = retentions.get(event.stream) ?? retentionOf(log, event.stream, now);
    retentions.set(event.stream, retention);
    return retention.state !== 'exists' || !isShown(event, retention);
  };
}
