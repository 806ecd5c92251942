import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { invalidArgument } from './call-error';

/** Considered events between two checkpoints, times the client's multiplier. */
const DEFAULT_SEARCH_WINDOW = 32;

export interface Filter {
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
    const pattern = compile(expression.getRegex());
    return (text) => pattern.test(text);
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
