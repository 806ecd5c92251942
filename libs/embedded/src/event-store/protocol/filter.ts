import { createContext, Script } from 'node:vm';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { invalidArgument } from './call-error';

/** Considered events between two checkpoints, times the client's multiplier. */
const DEFAULT_SEARCH_WINDOW = 32;

/** Longer than an expression takes that finishes at all, also where the machine is busy. */
const LONGEST_MATCH_MS = 1_000;
/** Types are few, and events of one stream come close together. */
const REMEMBERED_TEXTS = 1_000;

export interface Filter {
  /** @throws CallError when its expression takes too long for it */
  matches(event: { readonly stream: string; readonly type: string }): boolean;
  /** Events to consider, matched or not, from one checkpoint to the next. */
  readonly checkpointInterval: number;
}

/**
 * A filter on the stream's name or the event's type, by prefixes or by a regular expression
 * (of JavaScript; the real server's are .NET's).
 *
 * @throws CallError when it filters on nothing, or its expression can't be compiled
 */
export function decodeFilter(options: ReadReq.Options.FilterOptions): Filter {
  const expression = options.getStreamIdentifier() ?? options.getEventType();
  if (!expression) throw invalidArgument('A filter needs a stream name or an event type');
  const multiplier = options.getCheckpointintervalmultiplier();
  if (multiplier === 0) throw invalidArgument('The checkpoint interval must be at least 1');

  const accepts = decodeExpression(expression);
  const byStream = options.hasStreamIdentifier();
  return {
    matches: (event) => accepts(byStream ? event.stream : event.type),
    checkpointInterval: multiplier * (options.getMax() || DEFAULT_SEARCH_WINDOW),
  };
}

function decodeExpression(
  expression: ReadReq.Options.FilterOptions.Expression,
): (text: string) => boolean {
  if (expression.getRegex() !== '') {
    return remembering(inTime(compile(expression.getRegex())));
  }
  const prefixes = expression.getPrefixList();
  return (text) => prefixes.some((prefix) => text.startsWith(prefix));
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw invalidArgument(`The filter's expression ${source} can't be compiled: ${String(error)}`);
  }
}

const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
const room = createContext({ test: (): boolean => false });
const test = new Script('test()');

/**
 * Some expressions take twice as long for each letter, and all clients would wait for them. It takes a
 * thread of its own to stop one: some 80 us for each text.
 */
function inTime(pattern: RegExp): (text: string) => boolean {
  return (text) => {
    Object.assign(room, { test: () => pattern.test(text) });
    try {
      return Boolean(test.runInContext(room, { timeout: LONGEST_MATCH_MS }));
    } catch (error) {
      // No Error of ours: it comes from within the room.
      if ((error as NodeJS.ErrnoException).code !== TIMED_OUT) throw error;
      throw invalidArgument(
        `The filter's expression ${pattern.source} takes too long for a text of ` +
          `${text.length} characters: more than ${LONGEST_MATCH_MS} ms`,
      );
    }
  };
}

function remembering(accepts: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const accepted = accepts(text);
    if (known.size === REMEMBERED_TEXTS) known.clear();
    known.set(text, accepted);
    return accepted;
  };
}
