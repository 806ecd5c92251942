import type { PrettyOptions } from 'pino-pretty';
import { visible } from './visible';

/** A line as the log has it. */
type LogLine = Readonly<Record<string, unknown>>;

/** Not told among the fields: they stand elsewhere in the line. */
const elsewhere = ['time', 'level', 'role', 'context', 'msg', 'err', 'pid', 'hostname'];

/**
 * What makes a line of JSON one that people read. pino-pretty is loaded here and not before: no
 * process in production ever does.
 *
 * @param isColored for a terminal that shows colours; see {@link showsColors}
 * @returns the line; what isn't JSON comes back as it is
 */
export async function readableLines(isColored: boolean): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory(readableForm(isColored));
  return (line) => format(line).trimEnd();
}

/** How pino-pretty is to show lines: in one line each, with their fields behind what they say. */
export function readableForm(isColored: boolean): PrettyOptions {
  return {
    colorize: isColored,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,role,context',
    hideObject: true,
    messageFormat: (log, messageKey, _label, { colors }) => {
      const said = visible((log as Readonly<Record<string, string>>)[messageKey] ?? '');
      const fields = colors.gray(fieldsOf(log));
      return [said, fields, colors.red(errorOf(log))].filter((part) => part !== '').join('  ');
    },
  };
}

/** Whether somebody sees colours there, and wants them: https://no-color.org */
export function showsColors(
  { isTTY }: { readonly isTTY?: boolean },
  { NO_COLOR }: NodeJS.ProcessEnv,
): boolean {
  return isTTY === true && !NO_COLOR;
}

/** Ids come last, where they are in nobody's way; a request's own line has its id once. */
function fieldsOf(log: LogLine): string {
  const isId = ([name]: readonly [string, unknown]): boolean => name.endsWith('Id');
  return Object.entries(log)
    .filter(([name]) => !elsewhere.includes(name))
    .filter(([name, value]) => name !== 'correlationId' || value !== log['requestId'])
    .sort((a, b) => Number(isId(a)) - Number(isId(b)))
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(' ');
}

function textOf(value: unknown): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The error and what caused it; the stack is in the JSON. */
function errorOf({ err }: LogLine): string {
  if (typeof err !== 'object' || err === null) return '';
  const { type, message, cause } = err as Readonly<Record<string, unknown>>;
  const causedBy = errorOf({ err: cause });
  return visible(`${String(type)}: ${String(message)}`) + (causedBy && ` < ${causedBy}`);
}
