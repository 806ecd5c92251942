import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { ChannelRow, Receipt } from '@app/domain';
import type { Topic } from '@app/contracts';
import { channelsTopic, disconnectionsTopic } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream, disconnectionStream } from '@app/event-store';
import type { Member, Members } from '@app/testing';
import { anAccount, membersOf, RestClient, runOps, useTestBed, waitFor } from '@app/testing';
import type { ConsoleMessage } from '../support/console-consumer';
import { consoleMessages } from '../support/console-consumer';
import { addContent, contentOf } from '../support/content';
import { untilThere } from '../support/until-there';

const content = { snapshots: 40, comments: 7, scheduled: 3, published: 2 };
const untouched = {
  snapshots: 40,
  comments: 7,
  targets: { SCHEDULED: 3, PUBLISHED: 2 },
  sealed: true,
};

describe('Disconnecting an account, with every role as a process of its own', () => {
  const bed = useTestBed({ patient: true });
  let dataSource: DataSource;
  let events: EventStore;
  let members: Members;
  let owner: Member;
  let api: RestClient;
  let apiUrl: string;
  let internal: RestClient;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    members = await membersOf(bed);
    await bed.createTopics();
    const env = await bed.environment();
    const [apiRole, internalRole] = await Promise.all([
      bed.startRole('api', env),
      bed.startRole('internal', env),
      bed.startRole('projector', env),
      bed.startRole('relay', env),
      bed.startRole('subscribers', env),
    ]);
    owner = await members.admit();
    apiUrl = apiRole.url;
    api = new RestClient(apiUrl, owner.key);
    internal = new RestClient(internalRole.url, await members.mintService(['connect']));
  });

  async function connect(account = anAccount()): Promise<ChannelRow> {
    const request = {
      body: { ...account, workspaceId: owner.workspaceId, actor: owner.userId },
      headers: { 'idempotency-key': randomUUID() },
    };
    const { status, body } = await untilThere(() =>
      internal.post<ChannelRow>('/internal/v1/channels', request),
    );
    expect(status).toBe(201);
    await addContent(dataSource, body, content);
    return body;
  }

  const pathOf = ({ id }: ChannelRow): string => `/api/v1/social-accounts/${id}`;
  const receiptOf = async (row: ChannelRow): Promise<Receipt> =>
    (await api.get<Receipt>(`${pathOf(row)}/disconnection`)).body;
  const completed = (row: ChannelRow): Promise<Receipt> =>
    waitFor(
      async () => {
        const receipt = await receiptOf(row);
        return receipt.status === 'COMPLETED' && receipt;
      },
      { what: 'the completed receipt' },
    );

  it('brings every effect about, in its store and on that channel alone', async () => {
    const [row, other] = [await connect(), await connect()];
    const answer = await api.delete<ChannelRow>(pathOf(row));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...row, status: 'DISCONNECTED' });

    const receipt = await completed(row);
    expect(receipt.effects.map(({ name, status, counts }) => [name, status, counts])).toEqual([
      ['token-wipe', 'DONE', { tokens: 1 }],
      ['analytics-purge', 'DONE', { deleted: 40 }],
      ['comments-purge', 'DONE', { deleted: 7 }],
      ['schedule-cancel', 'DONE', { canceled: 3, publishing: 0 }],
    ]);
    expect(await contentOf(dataSource, row.id)).toEqual({
      snapshots: 0,
      comments: 0,
      targets: { CANCELED: 3, PUBLISHED: 2 },
      sealed: false,
    });
    expect(await contentOf(dataSource, other.id)).toEqual(untouched);
  });

  it('records each outcome once, and the completion last', async () => {
    const row = await connect();
    await api.delete(pathOf(row));
    await completed(row);

    const channel = await events.read(channelStream(row.id));
    expect(channel.map(({ event }) => event.type)).toEqual([
      'ChannelConnected',
      'ChannelDisconnected',
    ]);
    const outcomes = (await events.read(disconnectionStream(row.id))).map(({ event }) => event);
    expect(outcomes.map(({ type }) => type)).toEqual([
      ...announcedEffects.map(() => 'EffectFinished'),
      'DisconnectionCompleted',
    ]);
    const finished = outcomes.flatMap((event) =>
      event.type === 'EffectFinished' ? [event.data.effect] : [],
    );
    expect(finished.sort()).toEqual([...announcedEffects].sort());
  });

  it('answers a repeat with the same row, and appends nothing', async () => {
    const row = await connect();
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.delete(pathOf(row))));
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([200, { ...row, status: 'DISCONNECTED' }]);
    }
    expect(await events.read(channelStream(row.id))).toHaveLength(2);
  });

  it('gives a reconnected account a new id, and leaves the new channel alone', async () => {
    const account = anAccount();
    const old = await connect(account);
    await api.delete(pathOf(old));
    const back = await connect(account);
    expect(back.id).not.toBe(old.id);

    await completed(old);
    // The old disconnect once more: from a caller, and to every consumer.
    expect((await api.delete(pathOf(old))).status).toBe(200);
    const { body } = await api.get<ChannelRow>(pathOf(back));
    expect(body.status).toBe('ACTIVE');
    expect(await contentOf(dataSource, back.id)).toEqual(untouched);
  });

  it('answers a late repeat of its connect as it answered the first, and connects nothing', async () => {
    const body = anAccount({ workspaceId: owner.workspaceId, actor: owner.userId });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await internal.post<ChannelRow>('/internal/v1/channels', { body, headers });
    await api.delete(pathOf(first.body));
    const late = await internal.post<ChannelRow>('/internal/v1/channels', { body, headers });
    expect([late.status, late.body]).toEqual([201, first.body]);
    expect(await events.read(channelStream(first.body.id))).toHaveLength(2);
  });

  it('is for owners and admins only, and invisible from outside the workspace', async () => {
    const row = await connect();
    const as = async (role: Member['role'] | null): Promise<unknown[]> => {
      const member = role
        ? await members.admit({ workspaceId: owner.workspaceId, role })
        : await members.admit();
      const { status, body } = await new RestClient(apiUrl, member.key).delete<{ code?: string }>(
        pathOf(row),
      );
      return [status, body.code];
    };
    expect(await as(null)).toEqual([404, 'CHANNEL_NOT_FOUND']);
    expect(await as('EDITOR')).toEqual([403, 'ROLE_TOO_LOW']);
    expect(await as('CLIENT_REVIEWER')).toEqual([403, 'ROLE_TOO_LOW']);
    expect((await api.get<ChannelRow>(pathOf(row))).body.status).toBe('ACTIVE');
    expect(await as('ADMIN')).toEqual([200, undefined]);
  });

  it('is told to a consumer that has nothing of ours, with all that it needs', async () => {
    const row = await connect();
    await api.delete(pathOf(row));
    await completed(row);
    const read = async (topic: Topic, type: string): Promise<ConsoleMessage> =>
      waitFor(
        async () => {
          const messages = await consoleMessages(bed, topic);
          return messages.find(({ key, headers }) => key === row.id && headers.ce_type === type);
        },
        { what: `${type} on the console` },
      );

    const disconnected = await read(channelsTopic, 'ai.postbreeze.channel.disconnected.v1');
    expect(disconnected.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_source: '/postbreeze/channels',
      ce_subject: row.id,
      ce_streamrevision: '1',
      'content-type': 'application/json',
    });
    const { platform, workspaceId } = row;
    const about = { channelId: row.id, workspaceId, platform, status: 'DISCONNECTED' };
    expect(JSON.parse(disconnected.value)).toMatchObject(about);
    const completion = await read(disconnectionsTopic, 'ai.postbreeze.disconnection.completed.v1');
    expect(JSON.parse(completion.value)).toMatchObject({ channelId: row.id, status: 'COMPLETED' });
  });

  it('shows a receipt with every effect pending right after the answer, and none before', async () => {
    const row = await connect();
    const before = await api.get<{ code: string }>(`${pathOf(row)}/disconnection`);
    expect([before.status, before.body.code]).toEqual([404, 'NOT_DISCONNECTED']);
    await api.delete(pathOf(row));
    const receipt = await receiptOf(row);
    expect(receipt).toMatchObject({
      accountId: row.id,
      workspaceId: owner.workspaceId,
      platform: 'INSTAGRAM',
      requestedBy: owner.userId,
    });
    expect(receipt.effects.map(({ name }) => name)).toEqual([...announcedEffects]);
  });

  it('proves itself to whoever keeps the receipt and the public keys, offline', async () => {
    const row = await connect();
    await api.delete(pathOf(row));
    const receipt = await completed(row);
    expect(receipt.streamRevision).toBe(announcedEffects.length);
    expect(Date.parse(receipt.backupsOpenUntil!)).toBeGreaterThan(Date.now());
    expect(receipt.revocationCopyUntil).toBeNull();
    expect(await receiptOf(row)).toEqual(receipt);

    const keys = join(bed.folder, 'jwks.json');
    const jwks = await fetch(`${apiUrl}/api/receipt-keys.json`);
    writeFileSync(keys, await jwks.text());
    const verify = (content: object) => {
      const file = join(bed.folder, 'receipt.json');
      writeFileSync(file, JSON.stringify(content));
      return runOps(['receipts', 'verify', file, '--keys', keys], {}, bed.folder);
    };
    expect(await verify(receipt)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^genuine: signed by \S+\n$/) as string,
    });
    expect(await verify({ ...receipt, completedAt: receipt.requestedAt })).toMatchObject({
      code: 1,
      stderr: 'ops: not genuine: not as it was signed: completedAt\n',
    });
  });
});
