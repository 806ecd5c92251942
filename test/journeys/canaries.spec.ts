import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { serviceRoles } from '@app/config';
import type { ChannelRow, Receipt } from '@app/domain';
import { announcedEffects } from '@app/domain';
import type { Member, RoleProcess } from '@app/testing';
import { anAccount, membersOf, RestClient, waitFor } from '@app/testing';
import { OtlpCollector } from '../support/otlp-collector';
import { OwnEngines } from '../support/own-engines';
import { metaQuotesToken, metaWithdrawsOnce, PlatformServer } from '../support/platform-server';
import { client, revocationEnvironment } from '../support/revocation-settings';
import type { LogLine } from '../support/log-lines';
import { faultOf, linesOfAll } from '../support/log-lines';
import { scrape } from '../support/exposition';
import { base64KeysIn, findInFiles, pointedFrom } from '../support/search-files';

/** A text that stands nowhere else, and looks as a platform's token does. */
const canary = (name: string): string => `canary-${name}-${randomBytes(18).toString('hex')}`;

/** A text that stands nowhere else, and looks like none. */
const word = (name: string): string => `${name} ${randomBytes(3).toString('hex')}`;

describe('Secrets planted through a whole life of a channel', () => {
  const bed = new OwnEngines({ patient: true });
  /** What must be found nowhere. */
  const secrets = {
    access: canary('access'),
    refresh: canary('refresh'),
    refreshedAccess: canary('refreshed-access'),
    refreshedRefresh: canary('refreshed-refresh'),
    reauthorizedAccess: canary('reauthorized-access'),
    reauthorizedRefresh: canary('reauthorized-refresh'),
    subject: canary('subject'),
    inReason: canary('in-reason'),
    refused: canary('refused'),
  };
  /** What is no secret, but has no place in a log: parts of bodies and a query. */
  const unlogged = {
    displayName: word('display-name'),
    inMeta: word('in-meta'),
    query: word('query').replace(' ', '-'),
    bulkId: word('bulk-id'),
  };
  /** What must be found, so that the search is known to see. */
  const handle = canary('handle');
  const answers: string[] = [];
  let roles: readonly RoleProcess[];
  let collector: OtlpCollector;
  let owner: Member;
  let keys: readonly string[];
  let row: ChannelRow;
  let other: ChannelRow;
  let deleteId: string;
  let dataSource: DataSource;
  let postgresFolder: string;

  beforeAll(async () => {
    const platform = await PlatformServer.start(metaWithdrawsOnce());
    bed.atEnd(() => platform.close());
    platform.does(metaQuotesToken);
    collector = await OtlpCollector.start();
    bed.atEnd(() => collector.close());
    const env = {
      ...(await bed.startEngines()),
      ...revocationEnvironment(bed, platform.url),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    };
    roles = await Promise.all(
      serviceRoles.map((role) => bed.startRole(role, { ...env, LOG_LEVEL: 'trace' })),
    );
    const members = await membersOf(bed);
    owner = await members.admit();
    const service = await members.mintService(['connect', 'refresh', 'lease']);
    const vaultKeys = JSON.parse(readFileSync(bed.vaultKeyFile(), 'utf8')) as {
      keys: Record<string, unknown>;
    };
    keys = [owner.key, service, client.clientSecret, ...base64KeysIn(vaultKeys)];
    dataSource = await bed.dataSource();
    postgresFolder = pointedFrom(join(bed.folder, 'postgres'));
    await live(service);
  });
  afterAll(() => bed.close());

  /** Connect, lease, refresh, fail, reauthorize, disconnect; and requests that are refused. */
  async function live(service: string): Promise<void> {
    const urlOf = (name: string): string => roles.find(({ role }) => role === name)!.url;
    const internal = new RestClient(urlOf('internal'), service);
    const api = new RestClient(urlOf('api'), owner.key);
    const call = async <T>(path: string, body: unknown, status: number): Promise<T> => {
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await internal.post<T>(`/internal/v1/channels${path}`, { body, headers });
      expect([path, answer.status, answer.status === status || answer.body]).toEqual([
        path,
        status,
        true,
      ]);
      return answer.body;
    };
    const kept = async <T>(path: string, body: unknown, status: number): Promise<T> => {
      const answer = await call<T>(path, body, status);
      answers.push(JSON.stringify(answer));
      return answer;
    };

    const account = anAccount({
      workspaceId: owner.workspaceId,
      actor: owner.userId,
      handle,
      displayName: unlogged.displayName,
      meta: { note: unlogged.inMeta },
      tokens: { accessToken: secrets.access, refreshToken: secrets.refresh },
      grantSubject: secrets.subject,
    });
    row = await kept<ChannelRow>('', account, 201);
    const apart = { grantSubject: canary('another-subject'), externalId: randomUUID() };
    other = await kept<ChannelRow>('', { ...account, ...apart }, 201);
    await kept('', { ...account, tokens: { accessToken: { wrong: secrets.refused } } }, 400);
    await kept('', { ...account, meta: { access_token: secrets.refused } }, 422);

    const lease = await call<object>(`/${row.id}/leases`, {}, 200);
    expect(JSON.stringify(lease)).toContain(secrets.access);
    const { version } = await call<{ version: number }>(`/${row.id}/refresh-leases`, {}, 200);
    const refreshed = {
      version,
      tokens: { accessToken: secrets.refreshedAccess, refreshToken: secrets.refreshedRefresh },
    };
    await kept(`/${row.id}/token-refreshes`, refreshed, 200);
    const failed = {
      platformStatus: 400,
      code: 'invalid_grant',
      // What looks like a credential, and the very tokens, which a platform may quote in any form.
      reason: `access_token=${secrets.inReason}: neither ${secrets.refreshedAccess} nor ${secrets.refreshedRefresh} is valid`,
      permanent: true,
    };
    await kept(`/${row.id}/token-refreshes`, failed, 200);
    const grant = {
      scopes: account.scopes,
      tokens: {
        accessToken: secrets.reauthorizedAccess,
        refreshToken: secrets.reauthorizedRefresh,
      },
      grantedAt: account.grantedAt,
      grantSubject: secrets.subject,
      actor: owner.userId,
    };
    await kept(`/${row.id}/reauthorization`, grant, 200);

    const path = `/api/v1/social-accounts/${row.id}`;
    await api.get(`/api/v1/social-accounts?cursor=${unlogged.query}`);
    const accountIds = [unlogged.bulkId];
    await api.post('/api/v1/social-accounts/bulk-disconnect', { body: { accountIds } });
    const deleted = await api.delete(path);
    deleteId = deleted.headers.get('x-request-id')!;
    answers.push(JSON.stringify(deleted.body));
    const { effects } = await waitFor(async () => {
      const { body } = await api.get<Receipt>(`${path}/disconnection`);
      answers.push(JSON.stringify(body));
      return body.status === 'COMPLETED' && body;
    });
    expect(effects.at(-1)).toMatchObject({ name: 'grant-revocation', counts: { revoked: 1 } });
    await kept(`/${row.id}/leases`, {}, 409);
    // Refused requests: no route, and a query that no route asks for.
    for (const unasked of [
      `${path}?written-in-a-query`,
      '/written-in-a-query',
      '/api?written-in-a-query',
    ]) {
      answers.push(JSON.stringify((await api.get(unasked)).body));
    }
  }

  it('are in no file of an engine, and what is no secret is found there', async () => {
    // What PostgreSQL holds in memory goes into its files.
    await dataSource.query('CHECKPOINT');
    const folders = [join(bed.folder, 'event store'), join(bed.folder, 'kafka'), postgresFolder];
    const wanted = [...Object.values(secrets), ...keys];
    expect(findInFiles(folders, wanted)).toEqual([]);

    expect(findInFiles([folders[0]!], [handle])).not.toEqual([]);
    expect(findInFiles([folders[1]!], [row.id])).not.toEqual([]);
    expect(findInFiles([folders[2]!], [handle])).not.toEqual([]);
  });

  it('are in no row of any table', async () => {
    const tables: { name: string }[] = await dataSource.query(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      for (const secret of [...Object.values(secrets), ...keys]) {
        const [found]: { n: number }[] = await dataSource.query(
          `SELECT count(*)::int AS n FROM ${name} AS every_row
            WHERE strpos(every_row::text, $1) > 0 OR strpos(every_row::text, $2) > 0`,
          [secret, Buffer.from(secret).toString('hex')],
        );
        expect([name, secret, found!.n]).toEqual([name, secret, 0]);
      }
    }
  });

  it('are in no line of a log, and in no answer but a granted lease', () => {
    const printed = [...roles.map(({ output }) => output()), ...answers];
    const logs = roles.map(({ output }) => output());
    for (const text of [...Object.values(unlogged), handle]) {
      expect(logs.filter((log) => log.includes(text))).toEqual([]);
    }
    for (const secret of [...Object.values(secrets), ...keys]) {
      expect(printed.filter((text) => text.includes(secret))).toEqual([]);
    }
    // The search sees: requests are logged, and an answer has the handle.
    expect(roles.some(({ output }) => output().includes('/internal/v1/channels'))).toBe(true);
    expect(answers.some((answer) => answer.includes(handle))).toBe(true);
  });

  it('are in no metric, and neither is anybody who was connected', async () => {
    const { id, workspaceId, externalId } = row;
    const people = [handle, id, workspaceId, externalId, owner.userId];
    for (const { metricsUrl } of roles) {
      const { text } = await scrape(metricsUrl);
      expect(text).toContain('postbreeze_build_info');
      const named = [...Object.values(secrets), ...keys, ...people];
      expect(named.filter((one) => text.includes(one))).toEqual([]);
    }
  });

  it('leave lines that say what the table says of them, each one as JSON', () => {
    expect(linesOfAll(roles).flatMap((line) => faultOf(line) ?? [])).toEqual([]);
  });

  it('leave a chain of ids, from the request to the message of its completion, of that channel alone', async () => {
    // A process says what it has done when it gets round to it; others may be further by then.
    const lines = await waitFor(() => {
      const all = linesOfAll(roles);
      expectChain(all);
      return all;
    });
    expect(lines.filter((line) => line['channelId'] === other.id).length).toBeGreaterThan(0);
    const strays = lines.filter(
      ({ correlationId, channelId }) => correlationId === deleteId && channelId !== row.id,
    );
    expect(strays).toEqual([]);
  });

  /** From the request to its completion, each line with what leads on to the next. */
  function expectChain(lines: readonly LogLine[]): void {
    const ofChannel = lines.filter(({ channelId }) => channelId === row.id);
    const chain = ofChannel.filter(({ correlationId }) => correlationId === deleteId);
    /** The times of the lines that say this, at least one. */
    const times = (of: readonly LogLine[], wanted: Readonly<Record<string, unknown>>): string[] => {
      const names = Object.keys(wanted);
      const found = of.filter((line) => names.every((name) => line[name] === wanted[name]));
      expect([wanted, found.length > 0]).toEqual([wanted, true]);
      return found.map(({ time }) => time);
    };
    const disconnect = { eventType: 'ChannelDisconnected' };
    const appended = { ...disconnect, role: 'api', msg: 'event appended', requestId: deleteId };
    times(chain, appended);
    const { eventId } = chain.find(({ msg }) => msg === 'event appended')!;
    times(lines, { msg: 'request answered', requestId: deleteId, statusCode: 200 });
    for (const subscriber of ['registrar', 'channels@1', 'receipts@1', 'reconciler']) {
      times(chain, { ...disconnect, msg: 'event applied', subscriber, eventId });
    }
    times(chain, { ...disconnect, msg: 'message published', eventId });

    const completed = { eventType: 'DisconnectionCompleted', msg: 'event appended' };
    const [recorded] = times(chain, { ...completed, role: 'subscribers' });
    // Of one process: two don't say in whose turn things have happened.
    for (const effect of announcedEffects) {
      const [received] = times(ofChannel, { msg: 'message received', effect, eventId });
      const [done] = times(chain, { msg: 'effect done', effect, eventId, outcome: 'DONE' });
      const [told] = times(chain, { eventType: 'EffectFinished', msg: 'event appended', effect });
      const order = [received!, done!, told!, recorded!];
      expect([effect, order]).toEqual([effect, [...order].sort()]);
    }
    times(ofChannel, { msg: 'grant settled', outcome: 'DONE' });
    times(chain, { msg: 'message published', eventType: 'DisconnectionCompleted' });
  }

  it('are in no span, and neither is the account, nor what a caller wrote', async () => {
    // What they still have is sent before they end.
    for (const role of roles) await role.stop();
    const exported = collector.bodies.join('\n');
    const found = [
      ...Object.values(secrets),
      ...keys,
      handle,
      row.externalId,
      'written-in-a-query',
    ].filter((text) => exported.includes(text));
    expect(found).toEqual([]);
    // The search sees: the channel and each role are named.
    expect(exported).toContain(row.id);
    for (const role of serviceRoles) expect(exported).toContain(`postbreeze-${role}`);
  });
});
