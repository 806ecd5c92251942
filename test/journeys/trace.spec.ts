import { randomBytes } from 'node:crypto';
import { serviceRoles } from '@app/config';
import { channelsTopic, disconnectionsTopic } from '@app/contracts';
import type { ChannelRow, Receipt } from '@app/domain';
import { announcedEffects, effectNames } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import type { RoleProcess } from '@app/testing';
import {
  aChannelId,
  anAccount,
  membersOf,
  RestClient,
  runOps,
  useTestBed,
  waitFor,
} from '@app/testing';
import { allCaughtUp } from '../support/caught-up';
import { InternalService } from '../support/internal-service';
import type { CollectedSpan } from '../support/otlp-collector';
import { OtlpCollector } from '../support/otlp-collector';
import { answers, PlatformServer } from '../support/platform-server';
import { revocationEnvironment } from '../support/revocation-settings';

/** A caller's span, and how its request carries it along. */
class Caller {
  readonly traceId = randomBytes(16).toString('hex');
  readonly spanId = randomBytes(8).toString('hex');
  readonly headers: { readonly traceparent: string };

  constructor(flags = '01') {
    this.headers = { traceparent: `00-${this.traceId}-${this.spanId}-${flags}` };
  }
}

/** Of a span, by OTLP's number. */
const failed = 2;
const request = 'api DELETE /api/v1/social-accounts/:accountId';
const disconnected = `${request} > api DisconnectChannel > api append channel`;
const sent = `${disconnected} > relay send ${channelsTopic}`;
const recorded = `${disconnected} > subscribers record outcomes`;
const appended = `${recorded} > subscribers append disconnection`;

/** Every span of a disconnect, by its way from the caller's. */
const everySpan = [
  request,
  `${request} > api DisconnectChannel`,
  disconnected,
  ...['registrar', 'channels', 'receipts'].map(
    (name) => `${disconnected} > projector apply ${name}`,
  ),
  sent,
  ...announcedEffects.map((effect) => `${sent} > subscribers process ${channelsTopic} (${effect})`),
  ...effectNames.map((effect) => `${disconnected} > subscribers effect ${effect} (${effect})`),
  `${disconnected} > subscribers effect grant-revocation (grant-revocation) > subscribers revoke x`,
  `${disconnected} > subscribers apply reconciler`,
  recorded,
  appended,
  `${appended} > projector apply receipts`,
  `${appended} > relay send ${disconnectionsTopic}`,
];

describe('Traces, with every role as a process of its own', () => {
  const bed = useTestBed({ patient: true });
  const [one, other, refused] = [new Caller(), new Caller(), new Caller()];
  const unsampled = new Caller('00');
  let collector: OtlpCollector;
  let events: EventStore;
  let api: RoleProcess;
  let rows: ReadonlyMap<Caller, ChannelRow>;

  beforeAll(async () => {
    collector = await OtlpCollector.start();
    bed.atEnd(() => collector.close());
    const platform = await PlatformServer.start(answers(200, { revoked: true }));
    bed.atEnd(() => platform.close());
    events = await bed.eventStore();
    const members = await membersOf(bed);
    await bed.createTopics();
    const env = await bed.environment({
      ...revocationEnvironment(bed, platform.url),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    const roles = await Promise.all(serviceRoles.map((role) => bed.startRole(role, env)));
    const roleOf = (name: string): RoleProcess => roles.find(({ role }) => role === name)!;
    api = roleOf('api');
    const owner = await members.admit();
    const client = new RestClient(api.url, owner.key);
    const scopes = ['connect', 'lease', 'refresh'] as const;
    const internal = new InternalService(
      roleOf('internal').url,
      await members.mintService([...scopes]),
    );

    const connect = async (): Promise<ChannelRow> => {
      const account = {
        workspaceId: owner.workspaceId,
        actor: owner.userId,
        platform: 'X',
      } as const;
      const grantedAt = new Date(Date.now() + 1).toISOString();
      return (await internal.connect(anAccount({ ...account, grantedAt }))).body;
    };
    const disconnect = async ({ headers }: Caller, { id }: ChannelRow): Promise<void> => {
      const path = `/api/v1/social-accounts/${id}`;
      expect((await client.delete(path, { headers })).status).toBe(200);
      await waitFor(async () => {
        const { body } = await client.get<Receipt>(`${path}/disconnection`);
        return body.status === 'COMPLETED';
      });
    };
    rows = new Map(
      await Promise.all(
        [one, other, unsampled].map(async (caller) => [caller, await connect()] as const),
      ),
    );
    await Promise.all([...rows].map((pair) => disconnect(...pair)));
    const unknown = `/api/v1/social-accounts/${aChannelId()}`;
    expect((await client.delete(unknown, { headers: refused.headers })).status).toBe(404);
    // A receipt is told from the streams: others may have to come there yet, and the replay is to find all.
    await allCaughtUp(await bed.dataSource(), events);
    const replay = ['projections', 'replay', 'receipts', '--reason', 'a test'];
    expect(await runOps(replay, env, bed.folder)).toMatchObject({ code: 0 });
    // What they still have is sent before they end.
    for (const role of roles) expect(await role.stop()).toEqual({ code: 0, signal: null });
  });

  const spansOf = (traceId: string): CollectedSpan[] =>
    collector.spans().filter((span) => span.traceId === traceId);

  it.each([
    ['a disconnect', one],
    ['one beside it', other],
  ])('of %s are one tree, from the request to the last message, below the caller', (_, caller) => {
    const spans = spansOf(caller.traceId);
    const ways = spans.map((span) => wayTo(span, spans, caller.spanId));
    expect([...new Set(ways)].sort()).toEqual([...everySpan].sort());
    expect(ways.filter((way) => way === request)).toHaveLength(1);
    const channels = new Set(spans.map(({ attributes }) => attributes['postbreeze.channel.id']));
    channels.delete(undefined);
    expect([...channels]).toEqual([rows.get(caller)!.id]);
  });

  it('go on from what stands beside the event, and its log lines name them', async () => {
    const spans = spansOf(one.traceId);
    const append = spans.find(({ name }) => name === 'append channel')!;
    const stored = await events.readLast(channelStream(rows.get(one)!.id));
    expect(stored!.metadata.traceparent).toBe(`00-${one.traceId}-${append.spanId}-01`);
    const server = spans.find(({ parentSpanId }) => parentSpanId === one.spanId)!;
    const lines = api.output().split('\n');
    const answered = lines.find((line) => line.includes(one.traceId) && line.includes('answered'));
    expect(JSON.parse(answered!)).toMatchObject({ trace_id: one.traceId, span_id: server.spanId });
  });

  it('of a request that is refused say why', () => {
    const [server, command] = [
      'DELETE /api/v1/social-accounts/:accountId',
      'DisconnectChannel',
    ].map((name) => spansOf(refused.traceId).find((span) => span.name === name)!);
    expect(server!.attributes).toMatchObject({ 'http.response.status_code': 404 });
    expect(server!.status.code).not.toBe(failed);
    expect(command!.attributes).toMatchObject({ 'error.type': 'ChannelNotFound' });
    expect(command!.status).toEqual({ code: failed, message: 'There is no such social account' });
  });

  it('are begun by a request whose caller traces nothing', () => {
    const connect = collector.spans().find(({ name }) => name === 'ConnectChannel')!;
    const spans = spansOf(connect.traceId);
    const ways = new Set(spans.map((span) => wayTo(span, spans, undefined)));
    const root = 'internal POST /internal/v1/channels';
    const event = `${root} > internal ConnectChannel > internal append channel`;
    expect([...ways].sort()).toEqual(
      [
        root,
        `${root} > internal ConnectChannel`,
        event,
        `${event} > projector apply channels`,
        `${event} > projector apply registrar`,
        `${event} > relay send ${channelsTopic}`,
      ].sort(),
    );
  });

  it('are none of a request whose caller has decided so, and its event carries nothing', async () => {
    expect(spansOf(unsampled.traceId)).toEqual([]);
    const { id } = rows.get(unsampled)!;
    const about = collector
      .spans()
      .filter(({ attributes }) => attributes['postbreeze.channel.id'] === id);
    // Its connect's, and nothing since.
    const names = [...new Set(about.map(({ name }) => name))].sort();
    expect(names).toEqual([
      'append channel',
      'apply channels',
      'apply registrar',
      `send ${channelsTopic}`,
    ]);
    const stored = await events.readLast(channelStream(id));
    expect(stored!.metadata).toEqual({
      actor: expect.any(String) as string,
      causationId: expect.any(String) as string,
      correlationId: expect.any(String) as string,
      schemaVersion: 1,
    });
  });

  it('are not added to by a replay, nor by the generation that it has made', () => {
    const applied = collector
      .spans()
      .filter(({ name, status }) => name === 'apply receipts' && status.code !== failed);
    const handlers = applied.map(({ attributes }) => attributes['postbreeze.handler']);
    expect([...new Set(handlers)]).toEqual(['receipts@1']);
    const facts = applied.map(({ attributes }) => attributes['postbreeze.event.id']);
    expect(new Set(facts).size).toBe(facts.length);
  });
});

/** The names from the root of its trace to a span; one whose parent is missing begins with `?`. */
function wayTo(
  span: CollectedSpan,
  spans: readonly CollectedSpan[],
  root: string | undefined,
): string {
  const effect = span.attributes['postbreeze.effect'];
  const role = span.service.replace('postbreeze-', '');
  const name = `${role} ${span.name}${effect === undefined ? '' : ` (${effect as string})`}`;
  if (span.parentSpanId === root) return name;
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return `${parent ? wayTo(parent, spans, root) : '?'} > ${name}`;
}
