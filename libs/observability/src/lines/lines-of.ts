import { Logger } from '@nestjs/common';
import { channelLines } from './channel-lines';
import { effectLines } from './effect-lines';
import type { LogFields } from './fields';
import type { LineLevel } from './line';
import { processLines } from './process-lines';

/** Every line of the log that is ours, by what it says: docs/logs.md is made from it. */
export const logLines = { ...processLines, ...channelLines, ...effectLines };

export type LineName = keyof typeof logLines;
type FieldsOf<L extends LineName> = Pick<LogFields, (typeof logLines)[L]['fields'][number]>;
/** Those that are known: an event has no platform that its data doesn't name. */
type Known<T> = { readonly [F in keyof T]: T[F] | undefined };

/** Says a line with its fields, at the level that the table gives it. */
export type Say = <L extends LineName>(line: L, fields: Known<FieldsOf<L>>) => void;

const methods = {
  debug: 'debug',
  info: 'log',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
} as const satisfies Record<LineLevel, keyof Logger>;

/**
 * The one way to the log: what isn't in the table can't be said, and a line has the same fields
 * wherever it is said from.
 *
 * @param context who says it
 */
export function linesOf(context: string): Say {
  const logger = new Logger(context);
  return (line, fields) => logger[methods[logLines[line].level]](fields, line);
}
