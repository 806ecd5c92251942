import { namesCredential } from './credentials';
import { holderOf } from './secrets';

/**
 * Which of an account's texts holds a credential: a token of its own, or a parameter of a URL that
 * names one (platforms give avatars as `…/picture?access_token=…`). They go into events, which
 * nothing ever takes back.
 *
 * @param texts by their path in the body
 * @param secrets the very tokens of the channel
 * @returns the path of the first one; undefined when there is none
 */
export function pathOfCredential(
  texts: Readonly<Record<string, string | null>>,
  secrets: readonly string[],
): string | undefined {
  const holdsSecret = holderOf(secrets);
  const found = Object.entries(texts).find(
    ([, text]) => text !== null && (holdsSecret(text) || hasCredentialParameter(text)),
  );
  return found?.[0];
}

function hasCredentialParameter(text: string): boolean {
  if (!/^https?:/i.test(text)) return false;
  const names = [...text.matchAll(/[?&#;]([^=&#;]+)=/g)].map(([, name]) => name!);
  return names.some((name) => namesCredential(name));
}
