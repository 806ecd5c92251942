import type { LineName } from '@app/observability';
import { logLines } from '@app/observability';
import type { RoleProcess } from '@app/testing';

/** A line of a role, parsed; whoever has said it. */
export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly time: string;
  readonly level: string;
  readonly role: string;
  readonly msg: string;
}

const always = ['time', 'level', 'role', 'context', 'msg'];
/** While it is traced what a line is said in. */
const traced = ['trace_id', 'span_id'];

/**
 * Every line of these roles that has been said to its end, in the order of their times.
 *
 * @throws SyntaxError for one that is no JSON
 */
export function linesOfAll(roles: readonly RoleProcess[]): LogLine[] {
  const texts = roles.flatMap(({ output }) => output().split('\n').slice(0, -1).filter(Boolean));
  const lines = texts.map((text) => JSON.parse(text) as LogLine);
  return lines.sort((a, b) => a.time.localeCompare(b.time));
}

/** What is wrong with a line: undefined, or what it should have been. */
export function faultOf(line: LogLine): string | undefined {
  const missing = always.filter((field) => field !== 'context' && typeof line[field] !== 'string');
  if (missing.length > 0) return `without ${missing.join(', ')}: ${JSON.stringify(line)}`;
  if (!(line.msg in logLines)) return undefined;
  const { level, fields } = logLines[line.msg as LineName];
  // Beside the fields that the table gives a line of ours.
  const known: readonly string[] = [...always, ...traced, ...fields];
  const others = Object.keys(line).filter((field) => !known.includes(field));
  if (others.length > 0) return `${line.msg} has ${others.join(', ')}`;
  return line.level === level ? undefined : `${line.msg} is said as ${line.level}`;
}
