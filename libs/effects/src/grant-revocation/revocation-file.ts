import { readFileSync, statSync } from 'node:fs';
import type { RevocableProvider } from '@app/domain';
import type { ConfiguredProvider } from './platforms/grant-platforms';
import { revocationPlatforms } from './platforms/grant-platforms';

/** A revocation file that can't be used; `message` is one line that says what to do. */
export class RevocationFileError extends Error {}

export interface RevocationFileOptions {
  /** The providers of REVOKED_GRANTS: the file must say how to call each. */
  readonly listed: readonly RevocableProvider[];
  /** Tests only: plain http to this machine. */
  readonly allowLoopback: boolean;
}

type Entry = Readonly<Record<string, unknown>>;

const fields = ['url', 'clientId', 'clientSecret'] as const;
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * How to call each listed provider. Whatever the file says, only the host that the provider documents
 * is ever called.
 *
 * @throws RevocationFileError when the file is missing, readable by others, or says too little or
 *   something wrong; it shows nothing of what is in it
 */
export function readRevocationFile(
  path: string,
  { listed, allowLoopback }: RevocationFileOptions,
): ReadonlyMap<RevocableProvider, ConfiguredProvider> {
  const file = parse(path);
  return new Map(
    listed.map((provider) => {
      const refuse = (problem: string): never => {
        throw new RevocationFileError(`${path}: ${provider} ${problem}`);
      };
      if (!isObject(file) || !Object.hasOwn(file, provider)) {
        return refuse('is missing, and REVOKED_GRANTS lists it: add it, or take it off the list');
      }
      const entry = file[provider];
      if (!isObject(entry)) return refuse(`must be an object with ${fields.join(', ')}`);
      return [provider, checked(provider, entry, allowLoopback, refuse)];
    }),
  );
}

function parse(path: string): unknown {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new RevocationFileError(`${path} can be read by others: chmod 600 it`);
    }
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof RevocationFileError) throw error;
    const reason = (error as { code?: string }).code ?? 'not JSON';
    throw new RevocationFileError(
      `The revocation file ${path} can't be read (${reason}): see REVOCATION_FILE`,
    );
  }
}

function checked(
  provider: RevocableProvider,
  entry: Entry,
  allowLoopback: boolean,
  refuse: (problem: string) => never,
): ConfiguredProvider {
  const { documentedUrl, needs } = revocationPlatforms[provider];
  const unknown = Object.keys(entry).find((name) => !(fields as readonly string[]).includes(name));
  if (unknown !== undefined) refuse(`has a field that isn't known: use ${fields.join(', ')}`);
  const text = (name: (typeof fields)[number]): string | undefined => {
    const value = entry[name];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    return refuse(`has a ${name} that is no text`);
  };
  for (const name of needs) if (text(name) === undefined) refuse(`needs a ${name}`);

  const url = parseUrl(text('url') ?? documentedUrl);
  const { host } = new URL(documentedUrl);
  const isDocumented = url?.protocol === 'https:' && url.host === host;
  const isLoopback = allowLoopback && url?.protocol === 'http:' && loopback.has(url.hostname);
  if (!url || url.username || url.password || (!isDocumented && !isLoopback)) {
    return refuse(`must be called at https://${host}: set its url to that, or leave it out`);
  }
  return { url, clientId: text('clientId'), clientSecret: text('clientSecret') };
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isObject(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
