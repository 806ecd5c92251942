import { visible } from '@app/observability';

/** Strings, empty brackets, brackets and separators, and what stands between them: numbers and words. */
const TOKENS = /"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s{}[\],:"]+/gs;

/** What is no longer than this stays on one line. */
const LINE_LENGTH = 88;

/** What stands deeper is indented no further: a text of a megabyte can be half a million deep. */
const DEEPEST_INDENT = 40;

/**
 * The tokens of a JSON text, to be laid out anew. Were it parsed and written again, a number beyond
 * 2^53 would become another one. What could steer a terminal is escaped as JSON does it: it can only
 * stand within strings.
 *
 * @returns undefined when the text is no JSON
 */
export function jsonTokens(text: string): readonly string[] | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens = text.match(TOKENS) ?? [];
  return tokens.map((token) =>
    token.startsWith('"') ? visible(token) : token.replaceAll(/\s/g, ''),
  );
}

/** On one line, and as short as can be. */
export function compact(tokens: readonly string[]): string {
  return tokens.join('');
}

/** For people: on one line if it is short, else indented by two. */
export function readable(tokens: readonly string[]): string {
  const line = tokens.map((token) => (isSeparator(token) ? `${token} ` : token)).join('');
  return line.length <= LINE_LENGTH ? line : indented(tokens);
}

function indented(tokens: readonly string[]): string {
  let text = '';
  let depth = 0;
  const lineBreak = (): string => `\n${'  '.repeat(Math.min(depth, DEEPEST_INDENT))}`;
  for (const token of tokens) {
    if (token === '{' || token === '[') {
      depth += 1;
      text += token + lineBreak();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      text += lineBreak() + token;
    } else if (isSeparator(token)) {
      text += token === ',' ? token + lineBreak() : `${token} `;
    } else {
      text += token;
    }
  }
  return text;
}

function isSeparator(token: string): boolean {
  return token === ',' || token === ':';
}
