import type { RevocationToken } from '@app/token-vault';

/** Who we are to a platform; which of it a platform needs is the platform's to say. */
export interface ClientCredentials {
  readonly clientId?: string;
  readonly clientSecret?: string;
}

/** Why a grant may still stand, in our words: a platform's own may quote the token. */
export type RetryReason =
  /** No whole answer in time, or none at all. */
  | 'timeout'
  | 'no_answer'
  | 'redirected'
  | 'too_large'
  | 'server_error'
  | 'rate_limited'
  /** An answer that isn't what the platform documents: a success in name only, no JSON, half of it. */
  | 'unclear_answer'
  /** The platform doesn't know us by these credentials. */
  | 'client_refused'
  /** The token is of no use there, which doesn't say that the grant is gone. */
  | 'token_unusable'
  | 'refused';

/** What became of a grant. */
export type RevocationAnswer =
  | { readonly kind: 'revoked' }
  | { readonly kind: 'already_revoked' }
  /** Not configured here, or no call of the platform's does it. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'retry'; readonly reason: RetryReason };

export const revoked: RevocationAnswer = { kind: 'revoked' };
export const alreadyRevoked: RevocationAnswer = { kind: 'already_revoked' };
export const retry = (reason: RetryReason): RevocationAnswer => ({ kind: 'retry', reason });

/** One call, without the URL. */
export interface PlatformRequest {
  readonly method: 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the URL; never a token. */
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, string>>;
}

/** A whole answer that is neither a redirect nor a 429 nor a 5xx. */
export interface PlatformAnswer {
  readonly status: number;
  readonly isEmpty: boolean;
  /** undefined when the body is no JSON. */
  readonly json: unknown;
}

/** How one provider withdraws a grant; pure, the call itself is made elsewhere. */
export interface RevocationPlatform {
  /** Its host is the only one that is ever called. */
  readonly documentedUrl: string;
  /** Credentials without which the platform refuses. */
  readonly needs: readonly (keyof ClientCredentials)[];
  /** Which token the call takes: the refresh token if there is one, or the access token only. */
  readonly takes: 'refresh or access' | 'access';
  request(token: RevocationToken, credentials: ClientCredentials): PlatformRequest;
  read(answer: PlatformAnswer): RevocationAnswer;
}

/** A JSON object's field; undefined for anything else. */
export function fieldOf(json: unknown, name: string): unknown {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isObject && Object.hasOwn(json, name)
    ? (json as Record<string, unknown>)[name]
    : undefined;
}

/** A success that says nothing else: no body, or a JSON object without an error in it. */
export function isPlainSuccess({ status, isEmpty, json }: PlatformAnswer): boolean {
  if (status !== 200) return false;
  if (isEmpty) return true;
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isObject && !Object.hasOwn(json, 'error') && !Object.hasOwn(json, 'errors');
}

/** What an error of OAuth 2.0 means (RFC 6749, section 5.2; RFC 7009, section 2.2.1). */
export function readOAuthError({ status, json }: PlatformAnswer): RevocationAnswer {
  const error = fieldOf(json, 'error');
  if (status < 400 || typeof error !== 'string') return retry('unclear_answer');
  if (error === 'invalid_client' || error === 'unauthorized_client') return retry('client_refused');
  return retry('refused');
}
