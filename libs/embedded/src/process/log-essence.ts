import { readFileSync } from 'node:fs';

const LONGEST = 300;
const TELLING = /\b(FATAL|PANIC|ERROR|Caused by)\b|Exception:/;

/** What a log says about why its program ended, on one line; see `essenceOf`. */
export function essenceOfLog(logFile: string): string {
  try {
    return essenceOf(readFileSync(logFile, 'utf8').split('\n'));
  } catch {
    return 'nothing was logged';
  }
}

/**
 * The last telling line: the deepest cause of a Java exception, PostgreSQL's FATAL; without
 * any, the last line.
 */
export function essenceOf(lines: readonly string[]): string {
  const filled = lines.map((line) => line.trim()).filter((line) => line !== '');
  const line = filled.findLast((text) => TELLING.test(text)) ?? filled.at(-1);
  return line === undefined ? 'nothing was logged' : shorten(line);
}

function shorten(line: string): string {
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}
