import { Controller, Get, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Role, ServiceScope } from '@app/access';
import { roles, serviceScopes } from '@app/access';
import { messageTypes } from '@app/contracts';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { Members } from '@app/testing';
import { aChannelId, aContext, connected, disconnected, membersOf, useTestBed } from '@app/testing';
import { ApiModule } from '../../../apps/api/src/api.module';
import { publicApi } from '../../../apps/api/src/openapi';
import { InternalModule } from '../../../apps/internal/src/internal.module';
import { internalApi } from '../../../apps/internal/src/openapi';
import type { RoleInProcess } from './role-in-process';
import { call, roleApplication, startRoleInProcess } from './role-in-process';

/** Who has a valid key of a user; the others are refused at the door of every such route. */
type Member = Role | 'other tenant' | 'scoped to it' | 'scoped elsewhere';
/** `200`, or status and code of a refusal. */
type Answer = string;

const notFound = '404 CHANNEL_NOT_FOUND';
const tooLow = '403 ROLE_TOO_LOW';
const outOfReach = '403 WORKSPACE_OUT_OF_REACH';

/** What members of all sorts are answered, when the owner is answered 200. */
const forMembers = (outside: Answer): Record<Member, Answer> => ({
  OWNER: '200',
  ADMIN: '200',
  EDITOR: '200',
  CLIENT_REVIEWER: '200',
  'scoped to it': '200',
  'other tenant': outside,
  'scoped elsewhere': outside,
});
const forOwnersAndAdmins = (low: Answer, outside: Answer): Record<Member, Answer> => ({
  ...forMembers(outside),
  EDITOR: low,
  CLIENT_REVIEWER: low,
});

/** Every route of the public API, and what it answers to whom. */
const userRoutes: Readonly<Record<string, Record<Member, Answer>>> = {
  'GET /api/v1/social-accounts': forMembers(outOfReach),
  'GET /api/v1/social-accounts/:accountId': forMembers(notFound),
  'DELETE /api/v1/social-accounts/:accountId': forOwnersAndAdmins(tooLow, notFound),
  'GET /api/v1/social-accounts/:accountId/disconnect-preview': forMembers(notFound),
  'GET /api/v1/social-accounts/:accountId/disconnection': forMembers(notFound),
  // The request is answered 200 to anybody with a key: each id in it has its own answer.
  'POST /api/v1/social-accounts/bulk-disconnect': forOwnersAndAdmins(
    `200: ${tooLow}`,
    `200: ${notFound}`,
  ),
};

/** Every route of the internal API, with the one scope that opens it. */
const serviceRoutes: Readonly<Record<string, ServiceScope>> = {
  'POST /internal/v1/channels': 'connect',
  'POST /internal/v1/channels/:id/reauthorization': 'connect',
  'POST /internal/v1/channels/:id/refresh-leases': 'refresh',
  'POST /internal/v1/channels/:id/token-refreshes': 'refresh',
  'POST /internal/v1/channels/:id/access-revocations': 'refresh',
  'POST /internal/v1/channels/:id/leases': 'lease',
};

/** What is told to anyone. */
const openRoutes: Readonly<Record<'api' | 'internal', readonly string[]>> = {
  api: [
    'GET /health/live',
    'GET /health/ready',
    'GET /api/openapi.json',
    'GET /api/asyncapi.json',
    'GET /api/receipt-keys.json',
    ...messageTypes.map((type) => `GET /api/schemas/${type}.json`),
    'GET /api/docs',
    'GET /api/docs/start.js',
    'GET /api/docs/swagger-ui.css',
    'GET /api/docs/swagger-ui-bundle.js',
  ],
  internal: ['GET /health/live', 'GET /health/ready', 'GET /internal/openapi.json'],
};

describe('Who may call which route', () => {
  const bed = useTestBed({ patient: true });
  let events: EventStore;
  let dataSource: DataSource;
  let members: Members;
  let api: RoleInProcess;
  let internal: RoleInProcess;
  let workspaceId: string;
  const keys = new Map<Member, string>();
  /** Credentials of one scope each. */
  const credentials = new Map<ServiceScope, string>();
  const refusedEverywhere = new Map<string, string | undefined>();

  beforeAll(async () => {
    events = await bed.eventStore();
    dataSource = await bed.dataSource();
    members = await membersOf(bed);
    api = await startRoleInProcess(bed, 'api', {
      module: ApiModule,
      document: publicApi,
      answersRequests: true,
    });
    internal = await startRoleInProcess(bed, 'internal', {
      module: InternalModule,
      document: internalApi,
      answersRequests: true,
    });

    const owner = await members.admit();
    ({ workspaceId } = owner);
    for (const role of roles) {
      keys.set(role, (await members.admit({ workspaceId, role })).key);
    }
    const elsewhere = await members.admit({ userId: owner.userId });
    keys.set('other tenant', (await members.admit()).key);
    keys.set('scoped to it', await members.mintKey(owner.userId, [workspaceId]));
    keys.set('scoped elsewhere', await members.mintKey(owner.userId, [elsewhere.workspaceId]));
    for (const scope of serviceScopes) credentials.set(scope, await members.mintService([scope]));

    const revokedKey = await members.mintKey(owner.userId, null);
    const revokedService = await members.mintService(serviceScopes);
    await revoke('api_keys', revokedKey);
    await revoke('service_credentials', revokedService);
    refusedEverywhere.set('no key', undefined);
    refusedEverywhere.set('a malformed key', 'pb_live_short');
    refusedEverywhere.set('an unknown key', `pb_live_${'a'.repeat(32)}`);
    refusedEverywhere.set('an unknown credential', `pb_svc_${'a'.repeat(32)}`);
    refusedEverywhere.set('a revoked key', revokedKey);
    refusedEverywhere.set('a revoked credential', revokedService);
  });

  async function revoke(table: string, secret: string): Promise<void> {
    const prefix = secret.replace(/^pb_(live|svc)_/, '').slice(0, 8);
    await dataSource.query(`UPDATE access.${table} SET revoked_at = now() WHERE prefix = $1`, [
      prefix,
    ]);
  }

  /** A channel of the workspace, fresh for each call: a disconnect ends it. */
  async function aChannel({ ended = false } = {}): Promise<string> {
    const start = connected({ workspaceId });
    const { channelId } = start.data;
    const life = ended ? [start, disconnected(start)] : [start];
    await events.append(channelStream(channelId), 'no_stream', life, aContext());
    return channelId;
  }

  /** One call of a route as discovered, about that channel. */
  async function ask(base: string, route: string, id: string, secret: string | undefined) {
    const [method, pattern] = route.split(' ') as [string, string];
    const path = pattern.replace(/:\w+/, id);
    const isListing = pattern.endsWith('/social-accounts');
    const bodyOf = (): string =>
      pattern.endsWith('bulk-disconnect') ? JSON.stringify({ accountIds: [id] }) : '{}';
    return call(base + path + (isListing ? `?workspaceId=${workspaceId}` : ''), method, {
      ...(secret === undefined ? {} : { secret }),
      ...(method === 'POST' ? { body: bodyOf() } : {}),
    });
  }

  function answerOf({ status, text }: { status: number; text: string }): Answer {
    const body = JSON.parse(text) as {
      code?: string;
      results?: { status: number; error?: { code: string } }[];
    };
    const error = body.results?.[0]?.error;
    if (error) return `${status}: ${body.results![0]!.status} ${error.code}`;
    return body.code === undefined ? String(status) : `${status} ${body.code}`;
  }

  /** What the router has, without the HEAD that Fastify adds to each GET. */
  const routesOf = ({ routes }: RoleInProcess) =>
    routes.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`);

  it('is said for every route of the public API, and for none that there is not', () => {
    expect(routesOf(api).sort()).toEqual([...Object.keys(userRoutes), ...openRoutes.api].sort());
  });

  it('is said for every route of the internal API, and for none that there is not', () => {
    const said = [...Object.keys(serviceRoutes), ...openRoutes.internal];
    expect(routesOf(internal).sort()).toEqual(said.sort());
  });

  it('is the same for HEAD as for GET', () => {
    for (const { routes } of [api, internal]) {
      for (const head of routes.filter(({ method }) => method === 'HEAD')) {
        const get = routes.find(({ method, url }) => method === 'GET' && url === head.url);
        expect(get).toEqual({ ...head, method: 'GET' });
      }
    }
  });

  it('is decided before anything else: without a valid key the answer is always 401', async () => {
    const callers = new Map([...refusedEverywhere, ['a credential', credentials.get('connect')]]);
    for (const route of Object.keys(userRoutes)) {
      for (const [caller, secret] of callers) {
        const answer = answerOf(await ask(api.url, route, aChannelId(), secret));
        expect([route, caller, answer]).toEqual([route, caller, '401 UNAUTHORIZED']);
      }
    }
  });

  it('is asked for by a challenge, which says when the key that came is not valid', async () => {
    const path = '/api/v1/social-accounts';
    const invalid = 'Bearer realm="postbreeze", error="invalid_token"';
    const asked = async (headers: Record<string, string>) =>
      (await call(api.url + path, 'GET', { headers })).headers.get('www-authenticate');
    expect(await asked({})).toBe('Bearer realm="postbreeze"');
    expect(await asked({ authorization: 'Basic eDp5' })).toBe('Bearer realm="postbreeze"');
    for (const secret of [...refusedEverywhere.values()].filter((one) => one !== undefined)) {
      expect(await asked({ authorization: `Bearer ${secret}` })).toBe(invalid);
    }
    const service = await call(`${internal.url}/internal/v1/channels`, 'POST', { secret: 'x' });
    expect([service.status, service.headers.get('www-authenticate')]).toEqual([401, invalid]);
    const good = await call(api.url + path, 'GET', { secret: keys.get('OWNER')! });
    expect([good.status, good.headers.get('www-authenticate')]).toEqual([200, null]);
  });

  it.each(Object.entries(userRoutes))('%s', async (route, answers) => {
    const given: Record<string, Answer> = {};
    for (const member of Object.keys(answers) as Member[]) {
      const id = await aChannel({ ended: route.endsWith('/disconnection') });
      given[member] = answerOf(await ask(api.url, route, id, keys.get(member)));
    }
    expect(given).toEqual(answers);
  });

  it.each(Object.entries(serviceRoutes))('%s is for the scope %s alone', async (route, needed) => {
    const callers = new Map([...refusedEverywhere, ["an owner's key", keys.get('OWNER')]]);
    for (const [caller, secret] of callers) {
      const answer = answerOf(await ask(internal.url, route, aChannelId(), secret));
      expect([caller, answer]).toEqual([caller, '401 UNAUTHORIZED']);
    }
    for (const [scope, secret] of credentials) {
      const answer = answerOf(await ask(internal.url, route, aChannelId(), secret));
      if (scope === needed) expect(answer).not.toMatch(/^(401|403)/);
      else expect([scope, answer]).toEqual([scope, '403 SCOPE_MISSING']);
    }
  });

  it.each(Object.keys(userRoutes).filter((route) => route.includes(':accountId')))(
    '%s tells unknown from out of reach by nothing but the request id',
    async (route) => {
      const bodies: string[] = [];
      for (const id of [aChannelId(), await aChannel()]) {
        const { status, text, headers } = await ask(api.url, route, id, keys.get('other tenant'));
        expect(status).toBe(404);
        bodies.push(text.replace(headers.get('x-request-id')!, 'req_'));
      }
      expect(bodies[0]).toBe(bodies[1]);
      expect(bodies[0]).toContain('"requestId":"req_"');
    },
  );

  it('comes before what is asked: a malformed id is 400 to whoever may ask', async () => {
    const malformed = ['soc_1', 'x'.repeat(500), 'soc_%00', aChannelId().toLowerCase()];
    for (const route of Object.keys(userRoutes).filter((name) => name.includes(':accountId'))) {
      for (const id of malformed) {
        const answer = answerOf(await ask(api.url, route, id, keys.get('OWNER')));
        expect([route, id, answer]).toEqual([route, id, '400 MALFORMED_ID']);
      }
    }
  });

  it('must be declared: a route without it stops the start', async () => {
    @Controller('undeclared')
    class Undeclared {
      @Get()
      get(): string {
        return 'to whom?';
      }
    }
    @Module({ controllers: [Undeclared] })
    class Careless {}

    const app = await roleApplication(await bed.settings('api', { LOG_LEVEL: 'fatal' }), {
      module: Careless,
    });
    await expect(app.init()).rejects.toThrow('GET /undeclared declares no need');
    await app.close();
  });
});
