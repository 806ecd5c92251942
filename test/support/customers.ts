import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import type { AccountToConnect } from '@app/commands';
import type { ChannelRow } from '@app/domain';
import type { RestAnswer, RestClient } from '@app/testing';
import { anAccount, waitFor } from '@app/testing';
import type { Content } from './content';
import { addContent, addTarget } from './content';
import type { InternalService, TokensAnswer } from './internal-service';

/** The code of the fence's refusal: the channel has ended. */
const hasEnded = 'PB001';
/** Rows of each kind, and leases, at most, while one channel is disconnected. */
const most = 10;

/** Milliseconds until what is answered 503 again and again is a failure. */
const patience = { withinMs: 60_000 };

/** What others wrote for a channel. */
export interface Written {
  readonly id: string;
  readonly content: Content;
}

/** Whom they call, and where they write. */
export interface Service {
  readonly api: RestClient;
  readonly internal: InternalService;
  readonly dataSource: DataSource;
  readonly workspaceId: string;
}

/**
 * Customers, publishers and writers of content, who use accounts, end them and connect them again. They
 * repeat what the contract calls safe: what was answered 503 with Retry-After, a DELETE, a connect with
 * its key. Anything else that goes wrong, or that must not be, is thrown.
 */
export class Customers {
  /** Disconnected, with an answer 200. */
  readonly ended: Written[] = [];
  /** The same accounts, connected again. */
  readonly kept: Written[] = [];
  /** Lives that have begun and not ended. */
  underWay = 0;

  constructor(private readonly service: Service) {}

  /** Uses one account or some, ends them in whichever way, and connects them again. */
  async live(n: number): Promise<void> {
    this.underWay++;
    await this.useAndEnd(n).finally(() => this.underWay--);
  }

  private async useAndEnd(n: number): Promise<void> {
    const accounts = Array.from({ length: n % 3 === 2 ? 3 : 1 }, () =>
      anAccount({ workspaceId: this.service.workspaceId }),
    );
    const ids = await Promise.all(accounts.map((account) => this.connect(account)));
    await Promise.all(ids.map((id) => this.use(id)));

    const end = new AbortController();
    const around = ids.map((id) =>
      Promise.all([this.writeUntilEnded(id), this.leaseUntilEnded(id, end.signal)]),
    );
    await this.disconnect(ids);
    end.abort();
    for (const [content] of await Promise.all(around)) this.ended.push(content);
    await this.seeEnded(ids);

    await Promise.all(accounts.map((account) => this.reconnect(account)));
  }

  private async connect(account: AccountToConnect): Promise<string> {
    const key = randomUUID();
    const ask = () => this.service.internal.connect(account, key);
    const { body } = await this.expect(201, ask);
    const again = await this.expect(201, ask);
    must(again.body.id === body.id, `a repeated connect made ${again.body.id} of ${body.id}`);
    return body.id;
  }

  private async use(id: string): Promise<void> {
    const { api, internal, workspaceId } = this.service;
    await this.expect(200, () => api.get(`/api/v1/social-accounts?workspaceId=${workspaceId}`));
    await this.expect(200, () => api.get(`/api/v1/social-accounts/${id}`));
    await this.expect(200, () => internal.lease(id));
  }

  private async disconnect(ids: readonly string[]): Promise<void> {
    const { api } = this.service;
    if (ids.length === 1) {
      const ask = () => api.delete<ChannelRow>(`/api/v1/social-accounts/${ids[0]}`);
      const [first, again] = [await this.expect(200, ask), await this.expect(200, ask)];
      must(first.body.status === 'DISCONNECTED', `${ids[0]} is ${first.body.status}`);
      must(
        JSON.stringify(first.body) === JSON.stringify(again.body),
        'a repeat answered otherwise',
      );
      return;
    }
    const path = '/api/v1/social-accounts/bulk-disconnect';
    const body = { accountIds: ids };
    type Results = { readonly results: readonly { readonly status: number }[] };
    await this.answered(async () => {
      const answer = await api.post<Results>(path, { body });
      const statuses = answer.body.results?.map(({ status }) => status) ?? [];
      return { ...answer, status: statuses.find((status) => status !== 200) ?? answer.status };
    }, [200]);
  }

  /** @returns what was written by the time that the fence closed */
  private async writeUntilEnded(id: string): Promise<Written> {
    const { dataSource, workspaceId } = this.service;
    const written = { snapshots: 0, comments: 0, scheduled: 0, published: 0 };
    const write = {
      snapshots: () =>
        dataSource.query(
          `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
           VALUES ($1, $2, now(), '{}')`,
          [ulid(), id],
        ),
      comments: () =>
        dataSource.query(
          `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
           VALUES ($1, $2, $1, 'somebody', 'words', now())`,
          [ulid(), id],
        ),
      scheduled: () => addTarget(dataSource, { workspaceId, id }, { status: 'SCHEDULED' }),
      published: () => addTarget(dataSource, { workspaceId, id }, { status: 'PUBLISHED' }),
    };
    const kinds = Object.keys(write) as (keyof Content)[];
    try {
      for (let n = 0; n < most * kinds.length; n++) {
        const kind = kinds[n % kinds.length]!;
        await write[kind]();
        written[kind]++;
      }
    } catch (error) {
      if ((error as { code?: unknown }).code !== hasEnded) throw error;
    }
    return { id, content: written };
  }

  /** A lease that is asked for after the end was answered must be refused. */
  private async leaseUntilEnded(id: string, ended: AbortSignal): Promise<void> {
    for (let n = 0; n < most && !ended.aborted; n++) {
      const { body } = await this.answered<TokensAnswer>(
        () => this.service.internal.lease(id),
        [200, 409],
      );
      if (body.code === 'CHANNEL_DISCONNECTED') return;
    }
  }

  private async seeEnded(ids: readonly string[]): Promise<void> {
    const { api, internal, workspaceId } = this.service;
    const { body } = await this.expect(200, () =>
      api.get<{ data: readonly ChannelRow[] }>(
        `/api/v1/social-accounts?workspaceId=${workspaceId}&limit=200`,
      ),
    );
    must(!body.data.some(({ id }) => ids.includes(id)), 'a disconnected channel is listed');
    for (const id of ids) {
      const refused = await this.expect(409, () => internal.lease(id));
      must(refused.body.code === 'CHANNEL_DISCONNECTED', `a lease is ${refused.body.code}`);
    }
  }

  private async reconnect(account: AccountToConnect): Promise<void> {
    const { dataSource, workspaceId } = this.service;
    const id = await this.connect(account);
    const content = { snapshots: 3, comments: 3, scheduled: 1, published: 1 };
    await addContent(dataSource, { workspaceId, id }, content);
    this.kept.push({ id, content });
  }

  private expect<T>(status: number, ask: () => Promise<RestAnswer<T>>): Promise<RestAnswer<T>> {
    return this.answered(ask, [status]);
  }

  /** Asks until it is answered something else than 503 with Retry-After. */
  private async answered<T>(
    ask: () => Promise<RestAnswer<T>>,
    statuses: readonly number[],
  ): Promise<RestAnswer<T>> {
    const settled = await waitFor(async () => {
      const answer = await ask().then(
        (got) => ({ got }),
        (error: unknown) => ({ error }),
      );
      if (!('got' in answer) || answer.got.status !== 503) return answer;
      if (answer.got.headers.get('retry-after') === null) return answer;
      return false;
    }, patience);
    if (!('got' in settled)) throw settled.error;
    const { status, body } = settled.got;
    must(statuses.includes(status), `answered ${status} ${JSON.stringify(body)}`);
    return settled.got;
  }
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
