import { randomBytes } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Failpoint, ServiceRole } from '@app/config';
import { channelsTopic, consumerGroupOf, disconnectionsTopic } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream, disconnectionStream } from '@app/event-store';
import type { ReceivedMessage } from '@app/kafka';
import { KafkaClient } from '@app/kafka';
import type { Member, RoleProcess } from '@app/testing';
import { membersOf, RestClient, useTestBed, waitFor } from '@app/testing';
import { Keyring, TokenSealer } from '@app/token-vault';
import { collect } from '../integration/kafka/collect';
import { aChannel } from '../support/channels';
import { addContent, contentOf } from '../support/content';
import { metaWithdrawsOnce, PlatformServer } from '../support/platform-server';
import { copyKeys, revocationEnvironment } from '../support/revocation-settings';

/** More snapshots than a batch has: 'effect:committed' comes between two of them, too. */
const content = { snapshots: 2_030, comments: 4, scheduled: 3, published: 2 };
const after = {
  snapshots: 0,
  comments: 0,
  targets: { CANCELED: 3, PUBLISHED: 2 },
  sealed: false,
};

/** Every point at which the way of a disconnect may break, and whose process it is. */
const points: readonly (readonly [ServiceRole, Failpoint, readonly (string | undefined)[]])[] = [
  ['api', 'disconnect:decided', [undefined]],
  ['api', 'disconnect:appended', [undefined]],
  ['api', 'disconnect:ended', [undefined]],
  ['projector', 'handler:applied', ['channels@1', 'receipts@1', 'registrar']],
  ['projector', 'handler:committed', ['channels@1', 'receipts@1', 'registrar']],
  ['subscribers', 'handler:applied', ['reconciler']],
  ['subscribers', 'handler:committed', ['reconciler']],
  ['relay', 'relay:read', [undefined]],
  ['relay', 'relay:sent', [undefined]],
  ['relay', 'relay:saved', [undefined]],
  ['subscribers', 'inbox:opened', announcedEffects],
  ['subscribers', 'inbox:committed', announcedEffects],
  ['subscribers', 'offset:committed', announcedEffects.map(consumerGroupOf)],
  ['subscribers', 'effect:begun', announcedEffects],
  ['subscribers', 'effect:stepped', announcedEffects],
  ['subscribers', 'effect:committed', announcedEffects],
  ['subscribers', 'revocation:intended', [undefined]],
  ['subscribers', 'revocation:called', [undefined]],
  ['subscribers', 'revocation:settled', [undefined]],
  ['subscribers', 'revocation:forgotten', [undefined]],
  ['subscribers', 'revocation:finished', [undefined]],
  ['subscribers', 'recorder:read', [undefined]],
  ['subscribers', 'recorder:appended', [undefined]],
  ['subscribers', 'recorder:marked', [undefined]],
];

/** How often the platform may have been called: at any point of its process it may be in a call. */
function callsAfter(role: ServiceRole, name: Failpoint): readonly number[] {
  if (name === 'revocation:called') return [2];
  return role === 'subscribers' && !name.startsWith('revocation:') ? [1, 2] : [1];
}

/**
 * One disconnect after the other through every role, each with one process killed at one point on
 * the way and started again: everything happens, once, on that channel alone.
 */
describe('A disconnect whose way is broken', () => {
  const bed = useTestBed({ patient: true });
  const running = new Map<ServiceRole, RoleProcess>();
  let dataSource: DataSource;
  let events: EventStore;
  let env: NodeJS.ProcessEnv;
  let owner: Member;
  let messages: readonly ReceivedMessage[];
  let control: string;
  let platform: PlatformServer;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    owner = await (await membersOf(bed)).admit();
    await bed.createTopics();
    platform = await PlatformServer.start(metaWithdrawsOnce());
    bed.atEnd(() => platform.close());
    env = await bed.environment({
      ...revocationEnvironment(bed, platform.url),
      // A killed consumer's partitions and a killed leader's term are their successors' soon.
      ...{ KAFKA_SESSION_MS: '2000', LEADERSHIP_TERM_MS: '1500' },
    });
    const roles = ['api', 'projector', 'relay', 'subscribers'] as const;
    await Promise.all(roles.map((role) => start(role)));
    messages = await collect(bed, [channelsTopic, disconnectionsTopic]);
    control = await connect();
  });

  async function start(role: ServiceRole): Promise<void> {
    running.set(role, await bed.startRole(role, env));
  }

  /** A channel with all that a disconnect has to do with, seen by the projector. */
  async function connect(): Promise<string> {
    const { channelId: id, workspaceId } = await aChannel(events, {
      workspaceId: owner.workspaceId,
      grantRef: randomBytes(32).toString('hex'),
    });
    const sealer = new TokenSealer(Keyring.fromFile(bed.vaultKeyFile()));
    const tokens = { accessToken: tokenOf(id), refreshToken: null };
    await dataSource.transaction((manager) =>
      sealer.seal(manager, { channelId: id, workspaceId }, tokens),
    );
    await waitFor(
      async () => {
        const rows: unknown[] = await dataSource.query(
          `SELECT 1 FROM registry.channels
             JOIN read_model.channels USING (id) WHERE id = $1 AND state = 'live'`,
          [id],
        );
        return rows.length === 1;
      },
      { what: 'the projected channel' },
    );
    await addContent(dataSource, { id, workspaceId }, content);
    return id;
  }

  const tokenOf = (id: string): string => `a-token-of-${id}`;
  const disconnect = (id: string) =>
    new RestClient(running.get('api')!.url, owner.key).delete(`/api/v1/social-accounts/${id}`);

  /** Until all stands: in the streams, in the rows that readers see, on the topics. */
  async function settled(id: string): Promise<void> {
    await waitFor(
      async () => {
        const last = await events.readLast(disconnectionStream(id));
        const rows: unknown[] = await dataSource.query(
          `SELECT 1 FROM read_model.channels channel
             JOIN read_model.receipts receipt ON receipt.channel_id = channel.id
             JOIN registry.channels claim ON claim.id = channel.id
            WHERE channel.id = $1 AND channel.status = 'DISCONNECTED'
              AND receipt.status = 'COMPLETED' AND claim.state = 'ended'
              AND NOT EXISTS (SELECT FROM effects.work
                               WHERE channel_id = $1 AND state <> 'recorded')`,
          [id],
        );
        return last?.event.type === 'DisconnectionCompleted' && rows.length === 1 && told(id);
      },
      { what: `the end of ${id}`, withinMs: 30_000 },
    );
  }

  const typesAbout = (id: string): string[] => {
    const distinct = new Map(
      messages
        .filter(({ key }) => key === id)
        .map(({ headers }) => [headers.ce_id, headers.ce_type!]),
    );
    return [...distinct.values()].sort();
  };
  const told = (id: string): boolean => typesAbout(id).length === 3;

  /** Until the next offset that the group commits can only be of what is still to come. */
  async function heardAll(id: string, group: string): Promise<void> {
    const kafka = new KafkaClient(await bed.settings('subscribers'));
    const topic = kafka.topicName(channelsTopic);
    const admin = kafka.kafka.admin();
    await admin.connect();
    await waitFor(async () => {
      const ends = await admin.fetchTopicOffsets(topic);
      const groupId = kafka.groupName(group);
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const sum = (offsets: readonly string[]) =>
        offsets.reduce((total, offset) => total + Math.max(0, Number(offset)), 0);
      const heard = sum(committed!.partitions.map(({ offset }) => offset));
      return typesAbout(id).length > 0 && heard === sum(ends.map(({ high }) => high));
    });
    await admin.disconnect();
  }

  const cases = points.flatMap(([role, name, ofs]) =>
    ofs.map((of) => [role, of ? `${name} of ${of}` : name, { name, of }] as const),
  );

  it.each(cases)('the %s killed at %s', async (role, _, { name, of }) => {
    const id = await connect();
    const keys = copyKeys(bed);
    if (name === 'offset:committed') await heardAll(id, of!);
    await running.get(role)!.arm(name, of);
    if (role === 'api') await expect(disconnect(id)).rejects.toThrow('fetch failed');
    else expect((await disconnect(id)).status).toBe(200);
    expect(await running.get(role)!.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await start(role);
    if (role === 'api') expect((await disconnect(id)).status).toBe(200);
    await settled(id);

    const types = (await events.read(channelStream(id))).map(({ event }) => event.type);
    expect(types).toEqual(['ChannelConnected', 'ChannelDisconnected']);
    const outcomes = (await events.read(disconnectionStream(id))).map(({ event }) => event);
    expect(outcomes.at(-1)!.type).toBe('DisconnectionCompleted');
    const counts = outcomes.flatMap((event) =>
      event.type === 'EffectFinished' ? [[event.data.effect, event.data.counts]] : [],
    );
    expect(outcomes).toHaveLength(counts.length + 1);
    const calls = platform.callsWith(tokenOf(id)).length;
    expect(counts.sort()).toEqual([
      ['analytics-purge', { deleted: content.snapshots }],
      ['comments-purge', { deleted: 4 }],
      // Called again after an answer that nobody lived to hear, the platform says so.
      ['grant-revocation', calls === 2 ? { alreadyRevoked: 1 } : { revoked: 1 }],
      ['schedule-cancel', { canceled: 3, publishing: 0 }],
      ['token-wipe', { tokens: 1 }],
    ]);
    expect(await contentOf(dataSource, id)).toEqual(after);
    expect(callsAfter(role, name)).toContain(calls);
    expect(await dataSource.query('SELECT FROM vault.revocation_copies')).toEqual([]);
    // A wipe that was killed too leaves a key that opens nothing, swept when it is older.
    const strays = name.startsWith('revocation:') ? 0 : 1;
    expect(copyKeys(bed).length).toBeLessThanOrEqual(keys.length + strays);
    expect(typesAbout(id)).toEqual([
      'ai.postbreeze.channel.connected.v1',
      'ai.postbreeze.channel.disconnected.v1',
      'ai.postbreeze.disconnection.completed.v1',
    ]);
    expect(await contentOf(dataSource, control)).toEqual({
      ...after,
      snapshots: content.snapshots,
      comments: 4,
      targets: { SCHEDULED: 3, PUBLISHED: 2 },
      sealed: true,
    });
    expect(platform.callsWith(tokenOf(control))).toEqual([]);
  });

  it('leaves no key of a token for long', async () => {
    for (const key of copyKeys(bed)) utimesSync(join(env.REVOCATION_KEYS_DIR!, key), 0, 0);
    await running.get('subscribers')!.stop();
    await start('subscribers');
    await waitFor(() => copyKeys(bed).length === 0);
  });
});
