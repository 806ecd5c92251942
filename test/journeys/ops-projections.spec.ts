import type { DataSource } from 'typeorm';
import type { Failpoint } from '@app/config';
import { channelsTopic, disconnectionsTopic } from '@app/contracts';
import { KafkaClient } from '@app/kafka';
import type { OpsRun, RoleProcess } from '@app/testing';
import {
  connected,
  disconnected,
  RestClient,
  membersOf,
  runOps,
  useTestBed,
  waitFor,
} from '@app/testing';
import { GenerationsUnderTest } from '../support/generations-under-test';

interface Counted {
  readonly work: number;
  readonly skipped: number;
  readonly watched: number;
  readonly claims: number;
}

describe('An operator and the projections', () => {
  const bed = useTestBed({ patient: true });
  let projected: GenerationsUnderTest;
  let dataSource: DataSource;
  let env: NodeJS.ProcessEnv;
  let api: RoleProcess;
  const because = ['--reason', 'a test'];
  const ops = (...args: string[]): Promise<OpsRun> =>
    runOps(['projections', ...args], env, bed.folder);
  const json = async (...args: string[]): Promise<unknown> => {
    const { stdout, stderr, code } = await ops(...args, '--json');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    await bed.createTopics();
    projected = await GenerationsUnderTest.on(bed);
    ({ dataSource } = projected);
    env = await bed.environment({ NODE_ENV: 'test' });
    const roles = ['projector', 'relay', 'subscribers'] as const;
    [api] = await Promise.all([
      bed.startRole('api', env),
      ...roles.map((role) => bed.startRole(role, env)),
    ]);
    await projected.appendLives('operated', 40, { finished: false });
    await everythingDone();
    // Not only of the receipts: the last outcome concerns one of the projections, and both come to it.
    await projected.caughtUp();
  });

  it('sees which generations there are, and how far they are', async () => {
    expect(await json('list')).toMatchObject([
      { projection: 'channels', generation: 1, version: 1, state: 'live', pausedSince: null },
      { projection: 'receipts', generation: 1, version: 1, state: 'live', pausedSince: null },
    ]);
    const last = await projected.events.lastPosition();
    const status = await json('status', 'channels');
    expect(status).toMatchObject([
      {
        generation: 1,
        lag: { events: 0, counted: true, seconds: 0 },
        leader: expect.any(String) as string,
      },
    ]);
    const [{ position }] = status as [{ position: string }];
    expect(BigInt(position)).toBeGreaterThanOrEqual(last!.commit);
    expect((await ops('list')).stdout).toMatch(/^PROJECTION +GENERATION .*\nchannels +1 +1 +live/);
    expect((await ops('status')).stdout).toMatch(/^channels +1 +live +0 +0\.0 /m);
  });

  it('replays them, and sends no message and causes no effect by it', async () => {
    const [before, rows] = [await everythingElse(), await projected.rows('channels')];
    for (const name of ['channels', 'receipts']) {
      const replayed = await ops('replay', name, ...because);
      expect(replayed).toMatchObject({ code: 0 });
      expect(replayed.stdout).toMatch(
        new RegExp(`^generation 2 of ${name}: \\d+ rows of \\d+ events\nreaders see it\n$`),
      );
    }
    expect(await projected.rows('channels')).toEqual(rows);
    // Whatever a replay had set going would come before what follows from one more disconnect.
    const start = connected();
    await projected.append(start, 0);
    await projected.append(disconnected(start), 1);
    await everythingDone(start.data.channelId);
    const after = await everythingElse();
    expect(after.messages - before.messages).toBe(3);
    expect(after.work - before.work).toBe(4);
    expect(after.outcomes - before.outcomes).toBe(5);
  });

  it.each<[Failpoint, string]>([
    ['replay:begun', 'building'],
    ['replay:filled', 'building'],
    ['replay:built', 'standby'],
    ['swap:shown', 'standby'],
  ])(
    'killed at %s, a replay leaves the live one as it was, and the next one goes well',
    async (at, left) => {
      const [live, rows] = [await projected.live('channels'), await projected.rows('channels')];
      const killed = await runOps(
        ['projections', 'replay', 'channels', ...because],
        { ...env, FAILPOINT: at },
        bed.folder,
      );
      expect(killed).toMatchObject({ code: null, stdout: '' });
      expect(await projected.live('channels')).toEqual(live);
      expect(await projected.rows('channels')).toEqual(rows);
      const newest = (await projected.generations('channels')).at(-1)!;
      expect(newest).toMatchObject({ state: left });
      expect(newest.generation).toBeGreaterThan(live.generation);

      expect(await ops('replay', 'channels', ...because)).toMatchObject({ code: 0 });
      expect(await projected.rows('channels')).toEqual(rows);
      const states = (await projected.generations('channels')).map(({ state }) => state);
      expect(states).not.toContain('building');
      expect((await projected.live('channels')).generation).toBe(newest.generation + 1);
    },
  );

  it('goes back and forth, drops what is not needed, and each change is in the audit', async () => {
    const { generation } = (await json('replay', 'channels', ...because)) as { generation: number };
    const former = (await projected.generations('channels')).at(-2)!.generation;
    expect(await json('rollback', 'channels', ...because)).toEqual({ live: former });
    expect(await json('swap', 'channels', '--to', String(generation), ...because)).toEqual({
      live: generation,
    });
    expect(await ops('prune', 'channels', ...because)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('give --yes to drop generation') as string,
    });
    expect(await json('prune', 'channels', '--yes', ...because)).toMatchObject({
      dropped: expect.arrayContaining([former]) as number[],
    });
    expect(await projected.tables('channels')).toEqual([`channels_g${generation}`]);
    expect(await ops('rollback', 'channels', ...because)).toMatchObject({ code: 3 });

    const audited: { command: string; phases: string }[] = await dataSource.query(
      `SELECT command, string_agg(phase, ' ' ORDER BY at) AS phases FROM audit.operator_actions
        WHERE command LIKE 'projections %' GROUP BY action_id, command`,
    );
    const ended = (command: string) =>
      audited.filter((action) => action.command === command).map(({ phases }) => phases);
    expect(ended('projections swap')).toEqual(['started succeeded']);
    expect(ended('projections prune')).toEqual(['started succeeded']);
    expect(ended('projections replay')).toContain('started');
    expect(ended('projections replay')).toContain('started succeeded');
  });

  it('pauses and resumes', async () => {
    expect(await json('pause', 'receipts', ...because)).toMatchObject({ changed: true });
    const start = connected();
    await projected.append(start, 0);
    await projected.append(disconnected(start), 1);
    const shows = async (name: string): Promise<boolean> =>
      JSON.stringify(await projected.rows(name)).includes(start.data.channelId);
    await waitFor(() => shows('channels'));
    expect(await shows('receipts')).toBe(false);
    // The projector looks for what it is to follow now and then.
    await waitFor(async () => {
      const led: unknown[] = await dataSource.query(
        `SELECT FROM runtime.leadership
          WHERE name LIKE 'projector:receipts@%' AND expires_at > clock_timestamp()`,
      );
      return led.length === 0;
    });
    const paused = { leader: null, pausedSince: expect.any(String) as string };
    expect(await json('status', 'receipts')).toMatchObject([paused, paused]);
    expect((await ops('status', 'receipts')).stdout).toMatch(/live \(paused\) +[1-9]/);
    expect(await json('resume', 'receipts', ...because)).toMatchObject({ changed: true });
    await everythingDone(start.data.channelId);
    expect((await ops('resume', 'receipts', ...because)).stdout).toBe(
      'receipts is followed already\n',
    );
  });

  it('finds wrong rows, and has them repaired', async () => {
    await everythingDone();
    await projected.caughtUp();
    const { generation } = await projected.live('channels');
    const rows = await projected.rows('channels');
    const id = (rows[0] as { id: string }).id;
    await dataSource.query(
      `UPDATE read_model.channels_g${generation} SET handle = '@wrong' WHERE id = $1`,
      [id],
    );
    const found = await ops('verify', 'channels');
    expect(found).toMatchObject({ code: 1, stderr: expect.any(String) as string });
    expect(found.stdout).toMatch(
      new RegExp(`^changed ${id}\n  handle: "@wrong" instead of "@brand"\n1 wrong row: generation`),
    );
    const repaired = await ops('verify', 'channels', '--repair', ...because);
    expect(repaired).toMatchObject({ code: 0 });
    expect(repaired.stdout).toMatch(/\nrepaired: readers see generation \d+\n$/);
    expect(await projected.rows('channels')).toEqual(rows);
    expect(await ops('verify', 'channels')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^all \d+ rows are right: generation \d+ of channels/,
      ) as string,
    });
    expect(await ops('verify', 'nothing')).toMatchObject({
      code: 2,
      stderr: "ops: there is no projection 'nothing'; there are channels, receipts\n",
    });
  });

  it('rolls back, and no reader of REST sees an ended channel as connected', async () => {
    await ops('replay', 'channels', ...because);
    const owner = await (await membersOf(bed)).admit();
    const start = connected({ workspaceId: owner.workspaceId });
    await projected.append(start, 0);
    const rest = new RestClient(api.url, owner.key);
    const path = `/api/v1/social-accounts/${start.data.channelId}`;
    await waitFor(async () => (await rest.get(path)).status === 200);
    expect((await rest.delete(path)).status).toBe(200);
    expect(await ops('rollback', 'channels', ...because)).toMatchObject({ code: 0 });
    expect((await rest.get(path)).body).toMatchObject({ status: 'DISCONNECTED' });
    const rows: unknown = await dataSource.query(
      'SELECT status FROM read_model.channels WHERE id = $1',
      [start.data.channelId],
    );
    expect(rows).toEqual([{ status: 'DISCONNECTED' }]);
  });

  /** Until no effect is open, and everything recorded has been told. */
  async function everythingDone(channelId?: string): Promise<void> {
    await waitFor(
      async () => {
        if (channelId && !(await isCompleted(channelId))) return false;
        const [{ open }] = await dataSource.query<[{ open: string }]>(
          `SELECT (SELECT count(*) FROM effects.work WHERE state <> 'recorded')
                + (SELECT count(*) FROM read_model.receipts receipt
                    WHERE receipt.status <> 'COMPLETED'
                       OR (SELECT count(*) FROM effects.work WHERE channel_id = receipt.channel_id) < 4
                  ) AS open`,
        );
        const last = await projected.events.lastPosition();
        const [relayed]: { at: string }[] = await dataSource.query(
          `SELECT commit_position AS at FROM runtime.checkpoints WHERE name = 'relay'`,
        );
        return open === '0' && BigInt(relayed!.at) >= last!.commit;
      },
      { what: 'the end of every effect', withinMs: 60_000 },
    );
  }

  async function isCompleted(channelId: string): Promise<boolean> {
    const rows: unknown[] = await dataSource.query(
      `SELECT 1 FROM read_model.receipts WHERE channel_id = $1 AND status = 'COMPLETED'`,
      [channelId],
    );
    return rows.length === 1;
  }

  async function everythingElse() {
    const [counted] = await dataSource.query<[Counted]>(
      `SELECT (SELECT count(*)::int FROM effects.work) AS work,
              (SELECT count(*)::int FROM effects.skipped) AS skipped,
              (SELECT count(*)::int FROM effects.disconnections) AS watched,
              (SELECT count(*)::int FROM registry.channels) AS claims`,
    );
    return { ...counted, messages: await messageCount(), outcomes: await outcomeCount() };
  }

  async function messageCount(): Promise<number> {
    const kafka = new KafkaClient(await bed.settings('relay'));
    const admin = kafka.kafka.admin();
    await admin.connect();
    let count = 0;
    for (const topic of [channelsTopic, disconnectionsTopic]) {
      const ends = await admin.fetchTopicOffsets(kafka.topicName(topic));
      count += ends.reduce((sum, { high }) => sum + Number(high), 0);
    }
    await admin.disconnect();
    return count;
  }

  /** Events in the streams of disconnections: what effects append. */
  async function outcomeCount(): Promise<number> {
    let count = 0;
    for await (const { event } of projected.events.client.readAll()) {
      if (event?.streamId.startsWith('disconnection-')) count++;
    }
    return count;
  }
});
