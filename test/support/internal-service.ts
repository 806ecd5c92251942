import { randomUUID } from 'node:crypto';
import type { AccountToConnect } from '@app/commands';
import type { ChannelRow } from '@app/domain';
import type { RestAnswer } from '@app/testing';
import { anAccount, RestClient } from '@app/testing';
import { untilThere } from './until-there';

/** What the routes about tokens answer, a failure's fields included. */
export interface TokensAnswer {
  readonly code?: string;
  readonly version: number;
  readonly leaseId?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly until?: string;
  readonly heldUntil?: string;
  readonly status?: string;
}

type Answer = Promise<RestAnswer<TokensAnswer>>;

/** Another service, as it calls the internal API. */
export class InternalService {
  private readonly client: RestClient;

  constructor(url: string, secret: string) {
    this.client = new RestClient(`${url}/internal/v1/channels`, secret);
  }

  connect(
    account: AccountToConnect = anAccount(),
    key: string = randomUUID(),
  ): Promise<RestAnswer<ChannelRow & { code?: string }>> {
    return this.client.post('', { body: account, headers: { 'idempotency-key': key } });
  }

  lease(id: string, body?: object): Answer {
    return this.client.post(`/${id}/leases`, { body });
  }

  /** A process that has just started keeps leases closed for a moment. */
  leaseOnceOpen(id: string): Answer {
    return untilThere(() => this.lease(id));
  }

  leaseRefresh(id: string, body?: object): Answer {
    return this.client.post(`/${id}/refresh-leases`, { body });
  }

  report(id: string, body: unknown): Answer {
    return this.client.post(`/${id}/token-refreshes`, { body });
  }

  /** New tokens for version 1 of them, unless said. */
  refreshed(id: string, accessToken: string, version = 1): Answer {
    return this.report(id, {
      version,
      tokens: { accessToken, refreshToken: `next-${accessToken}` },
    });
  }

  reauthorize(id: string, accessToken: string): Answer {
    const { tokens, scopes, grantedAt, grantSubject, actor } = anAccount();
    const body = { scopes, grantedAt, grantSubject, actor, tokens: { ...tokens, accessToken } };
    return this.client.post(`/${id}/reauthorization`, { body });
  }

  withdrawn(id: string): Answer {
    return this.client.post(`/${id}/access-revocations`, {});
  }
}

/** Status and code of an answer, to be compared in one go. */
export function outcomeOf({ status, body }: RestAnswer<{ readonly code?: string }>): string {
  return body.code === undefined ? String(status) : `${status} ${body.code}`;
}
