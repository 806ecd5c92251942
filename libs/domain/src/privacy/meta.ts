import { looksLikeCredential, namesCredential } from './credentials';
import { holderOf } from './secrets';

/** As JSON in UTF-8. */
const maxMetaBytes = 4_096;
/** `meta` itself is the first. */
const maxMetaLevels = 3;

/** Why a `meta` can't be recorded, and where in it; never what stood there. */
export interface MetaProblem {
  readonly code: 'META_TOO_LARGE' | 'META_TOO_DEEP' | 'META_HOLDS_CREDENTIAL' | 'META_NOT_TEXT';
  /** E.g. `meta.boards[2].apiKey`. */
  readonly path: string;
}

/**
 * What forbids to record a channel's `meta`: it goes into events, which nothing ever takes back.
 *
 * @param meta a JSON object
 * @param secrets the very tokens of the channel, which no text of it may hold
 * @returns the first problem; undefined when there is none
 */
export function problemOfMeta(
  meta: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): MetaProblem | undefined {
  const holdsSecret = holderOf(secrets);
  // The levels first: writing JSON recurses as deep as somebody made it.
  const problem = problemOf(meta, 'meta', 1, holdsSecret);
  if (problem) return problem;
  const bytes = new TextEncoder().encode(JSON.stringify(meta)).length;
  return bytes > maxMetaBytes ? { code: 'META_TOO_LARGE', path: 'meta' } : undefined;
}

function problemOf(
  value: unknown,
  path: string,
  level: number,
  holdsSecret: (text: string) => boolean,
): MetaProblem | undefined {
  if (typeof value === 'string') return problemOfText(value, path, holdsSecret);
  if (typeof value !== 'object' || value === null) return undefined;
  if (level > maxMetaLevels) return { code: 'META_TOO_DEEP', path };

  for (const [key, child] of Object.entries(value)) {
    const inList = Array.isArray(value);
    const problemOfKey = inList ? undefined : problemOfText(key, `${path}.(a key)`, holdsSecret);
    if (problemOfKey) return problemOfKey;
    const childPath = inList ? `${path}[${key}]` : `${path}.${key}`;
    // A name alone is nobody's secret: `{ "password": null }` or `{ "hasToken": true }`.
    const isNamed = !inList && namesCredential(key) && child !== null && typeof child !== 'boolean';
    if (isNamed) return { code: 'META_HOLDS_CREDENTIAL', path: childPath };
    const problem = problemOf(child, childPath, level + 1, holdsSecret);
    if (problem) return problem;
  }
  return undefined;
}

function problemOfText(
  text: string,
  path: string,
  holdsSecret: (text: string) => boolean,
): MetaProblem | undefined {
  // PostgreSQL's jsonb takes neither, so that the projection of the event would stand still.
  if (/[\0\p{Surrogate}]/u.test(text)) return { code: 'META_NOT_TEXT', path };
  if (looksLikeCredential(text) || holdsSecret(text)) {
    return { code: 'META_HOLDS_CREDENTIAL', path };
  }
  return undefined;
}
