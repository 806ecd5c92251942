import { parseArgs, type ParseArgsConfig } from 'node:util';

export const usage = `Usage: npm run --silent event-store -- COMMAND [OPTIONS]

Looks into an embedded event store on disk, whether it runs or not. It changes nothing and keeps
nobody waiting. It shows everything that is there and marks what reads hide: deleted and tombstoned
streams, and what a stream's metadata cuts off.

  streams              each stream: how many events, and the last one's time and type
    --prefix TEXT        only those whose names begin so
  stream NAME          the events of a stream, from its first one on
    --from N             from this revision on
    --backwards          from the last one, or from --from, to the first
    --count N            this many at most
  tail                 the last events of all streams, in the order they were written
    --count N            this many; 20 unless said
    --prefix TEXT        only those of streams whose names begin so
    --follow             and then each that comes, until Ctrl-C

  --json               for programs: one JSON object on each line
  --data-dir FOLDER    of an event store or a local stack; else that of \`npm start\`, which is
                       DATA_DIR, or .data

A payload is shown as the JSON that it is, its numbers as they were written; what isn't JSON in
base64. Names and text that could steer a terminal are escaped.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such stream. A name that begins with $ must be
quoted in a shell: npm run --silent event-store -- stream '$$channel-1'`;

/** What is asked for can't be understood; `message` is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Command =
  | { readonly kind: 'streams'; readonly prefix: string }
  | {
      readonly kind: 'stream';
      readonly stream: string;
      readonly from: number | undefined;
      readonly backwards: boolean;
      readonly count: number;
    }
  | {
      readonly kind: 'tail';
      readonly count: number;
      readonly prefix: string;
      readonly follow: boolean;
    };

export interface Inspection {
  readonly command: Command;
  readonly json: boolean;
  /** Not given: the local stack's. */
  readonly dataDir: string | undefined;
}

const TAIL_EVENTS = 20;

const forAll = {
  json: { type: 'boolean', default: false },
  'data-dir': { type: 'string' },
} as const;

/**
 * @param args without the program's name
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function parseInspection(args: readonly string[]): Inspection | undefined {
  const end = args.indexOf('--');
  if (args.slice(0, end < 0 ? undefined : end).includes('--help')) return undefined;
  const [kind, ...rest] = args;
  switch (kind) {
    case 'streams': {
      const { values } = parse(rest, 0, { ...forAll, prefix: { type: 'string', default: '' } });
      return inspection(values, { kind, prefix: values.prefix });
    }
    case 'stream':
      return parseStream(rest);
    case 'tail':
      return parseTail(rest);
    default:
      throw new UsageError(kind === undefined ? 'Say what to show' : `There is no command ${kind}`);
  }
}

function parseStream(args: string[]): Inspection {
  const { values, positionals } = parse(args, 1, {
    ...forAll,
    from: { type: 'string' },
    backwards: { type: 'boolean', default: false },
    count: { type: 'string' },
  });
  return inspection(values, {
    kind: 'stream',
    stream: positionals[0]!,
    from: toNumber('--from', values.from),
    backwards: values.backwards,
    count: toNumber('--count', values.count) ?? Infinity,
  });
}

function parseTail(args: string[]): Inspection {
  const { values } = parse(args, 0, {
    ...forAll,
    count: { type: 'string' },
    prefix: { type: 'string', default: '' },
    follow: { type: 'boolean', default: false },
  });
  const count = toNumber('--count', values.count) ?? TAIL_EVENTS;
  return inspection(values, { kind: 'tail', count, prefix: values.prefix, follow: values.follow });
}

function inspection(
  { json, 'data-dir': dataDir }: { json: boolean; 'data-dir'?: string | undefined },
  command: Command,
): Inspection {
  return { command, json, dataDir };
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  names: number,
  options: Options,
) {
  const { values, positionals } = parseOrRefuse(args, options);
  if (positionals.length < names) throw new UsageError('Say which stream to show');
  if (positionals.length > names) {
    throw new UsageError(`What is ${positionals[names]} for? It is one argument too many`);
  }
  return { values, positionals };
}

function parseOrRefuse<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Options,
) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    // What follows the first sentence is advice for those who write the options.
    throw new UsageError(message.split(/\.\s/, 1)[0]);
  }
}

function toNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new UsageError(`${option} takes a whole number, not ${text}`);
  }
  return value;
}
