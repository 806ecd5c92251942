import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import { announcedEffects } from '@app/domain';
import type { ChannelRow, Receipt } from '@app/domain';
import { disconnectionStream } from '@app/event-store';
import type { Member, RoleProcess } from '@app/testing';
import { aChannelId, anAccount, membersOf, RestClient, useTestBed, waitFor } from '@app/testing';
import { Keyring } from '@app/token-vault';
import { addContent, contentOf } from '../support/content';
import { InternalService, outcomeOf } from '../support/internal-service';
import type { ManualCommand } from '../support/manual';
import { OperatorShell, readManual } from '../support/manual';
import { runSql } from '../support/run-sql';

const manual = readManual(join(__dirname, '../../docs/operating.md'));
const content = { snapshots: 4, comments: 3, scheduled: 2, published: 1 };
const [untouched, gone] = [
  { snapshots: 4, comments: 3, targets: { SCHEDULED: 2, PUBLISHED: 1 }, sealed: true },
  { snapshots: 0, comments: 0, targets: { CANCELED: 2, PUBLISHED: 1 }, sealed: false },
];
const ofEachEffect = Object.fromEntries(announcedEffects.map((effect) => [effect, 1]));

interface Scene {
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
  readonly afterCommand?: Readonly<Record<string, () => Promise<void>>>;
}

/**
 * An operator who enters every command of docs/operating.md, section by section, while the service runs
 * as that section finds it. A database is really restored to an earlier moment on the way.
 */
describe('docs/operating.md', () => {
  const bed = useTestBed();
  const running = new Map<RoleProcess['role'], RoleProcess>();
  /** What stands for `soc_…`, `ws_…`, `usr_…` and `key_…` in a command: the last that was shown. */
  const shown = new Map<string, string>();
  const entered = new Set<string>();
  let env: NodeJS.ProcessEnv;
  let shell: OperatorShell;
  let owner: Member;
  let service: string;
  let dataSource: DataSource;
  let backup: string;
  let kept: ChannelRow;
  let disconnected: ChannelRow;
  let late: ChannelRow;
  let lost: string;

  const api = () => new RestClient(running.get('api')!.url, owner.key);
  const internal = () => new InternalService(running.get('internal')!.url, service);
  const accountOf = () => anAccount({ workspaceId: owner.workspaceId, actor: owner.userId });

  async function start(...roles: RoleProcess['role'][]): Promise<void> {
    await Promise.all(roles.map(async (role) => running.set(role, await bed.startRole(role, env))));
  }

  async function stop(...roles: RoleProcess['role'][]): Promise<void> {
    const ended = await Promise.all(roles.map((role) => running.get(role)!.stop()));
    expect(ended).toEqual(roles.map(() => ({ code: 0, signal: null })));
  }

  async function connect(): Promise<ChannelRow> {
    const { status, body } = await internal().connect(accountOf());
    expect(status).toBe(201);
    return body;
  }

  /** What a connect leaves in PostgreSQL whose events are lost. */
  async function claimWithoutEvents(): Promise<string> {
    const id = aChannelId();
    await sql(
      `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
       SELECT '${id}', workspace_id, platform, 'lost', grant_ref, 'live'
         FROM registry.channels WHERE id = '${kept.id}'`,
    );
    return id;
  }

  async function countOf(what: string, wanted: number): Promise<boolean> {
    const [found]: { count: string }[] = await dataSource.query(`SELECT count(*) FROM ${what}`);
    return Number(found!.count) === wanted;
  }

  const path = ({ id }: ChannelRow): string => `/api/v1/social-accounts/${id}`;

  async function disconnect(row: ChannelRow): Promise<void> {
    expect((await api().delete(path(row))).status).toBe(200);
  }

  /** By the stream, which no restored database can change. */
  async function outcomesOf({ id }: ChannelRow): Promise<Record<string, number>> {
    const outcomes: Record<string, number> = {};
    const events = await bed.eventStore();
    for (const { event } of await events.read(disconnectionStream(id))) {
      if (event.type !== 'EffectFinished') continue;
      outcomes[event.data.effect] = (outcomes[event.data.effect] ?? 0) + 1;
    }
    return outcomes;
  }

  const completed = (row: ChannelRow): Promise<Receipt> =>
    waitFor(
      async () => {
        const { body } = await api().get<Receipt>(`${path(row)}/disconnection`);
        return body.status === 'COMPLETED' && body;
      },
      { what: 'the completed receipt' },
    );

  async function sql(text: string, database?: string): Promise<void> {
    const url = new URL(await bed.databaseUrl());
    if (database) url.pathname = `/${database}`;
    await runSql(url.href, text);
  }

  const databaseName = async (): Promise<string> =>
    new URL(await bed.databaseUrl()).pathname.slice(1);

  async function takeBackup(): Promise<string> {
    const name = await databaseName();
    // A template is one that nobody is connected to; pools connect again by themselves.
    await sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      'postgres',
    );
    await sql(`CREATE DATABASE ${name}_backup TEMPLATE ${name} STRATEGY file_copy`, 'postgres');
    bed.atEnd(() => sql(`DROP DATABASE IF EXISTS ${name}_backup`, 'postgres'));
    return `${name}_backup`;
  }

  async function restore(): Promise<void> {
    const name = await databaseName();
    await sql(`DROP DATABASE ${name} WITH (FORCE)`, 'postgres');
    await sql(`ALTER DATABASE ${backup} RENAME TO ${name}`, 'postgres');
  }

  beforeAll(async () => {
    const members = await membersOf(bed);
    dataSource = await bed.dataSource();
    owner = await members.admit();
    service = await members.mintService(['connect', 'lease']);
    env = await bed.environment({
      READ_MODEL_WAIT_MS: '0',
      KEK_DESTROY_AFTER_HOURS: '0',
      RECONCILE_AFTER_MS: '500',
    });
    await bed.createTopics();
    shell = new OperatorShell(env, bed.folder);

    await start('internal', 'projector');
    [kept, disconnected] = [await connect(), await connect()];
    for (const row of [kept, disconnected]) await addContent(dataSource, row, content);
    await stop('internal', 'projector');
    backup = await takeBackup();
  });

  const everyRole = ['api', 'internal', 'projector', 'relay', 'subscribers'] as const;

  /** What goes on around the commands of a section, and after single ones. */
  const scenes: Readonly<Record<string, Scene>> = {
    'A first look': {
      before: async () => {
        await start(...everyRole);
        await disconnect(disconnected);
        await completed(disconnected);
        shown.set('soc', disconnected.id);
      },
    },
    Keys: {
      after: async () => {
        await dataSource.query(`SELECT graphile_worker.add_job('tend-keks')`);
        // The backup is sealed by the former one, which nobody needs any more.
        await waitFor(
          async () => (await Keyring.fromFile(bed.vaultKeyFile()).list()).length === 1,
          { what: 'the end of the former key' },
        );
        expect(outcomeOf(await internal().lease(kept.id))).toBe('200');
      },
    },
    'A restored database': {
      before: async () => {
        late = await connect();
        await stop(...everyRole);
        await restore();
        expect(await contentOf(dataSource, disconnected.id)).toEqual(untouched);
      },
      afterCommand: {
        "ops setup --reason 'the database was restored'": async () => {
          await start('projector', 'relay', 'subscribers');
          await waitFor(
            async () => isDeepStrictEqual(await contentOf(dataSource, disconnected.id), gone),
            { what: 'what came back with the database to be gone' },
          );
        },
      },
      after: async () => {
        await start('internal', 'api');
        await completed(disconnected);
        expect(await outcomesOf(disconnected)).toEqual(ofEachEffect);
        expect(await contentOf(dataSource, kept.id)).toEqual(untouched);
        for (const row of [kept, late]) {
          expect((await api().get<ChannelRow>(path(row))).body.status).toBe('ACTIVE');
          expect(outcomeOf(await internal().lease(row.id))).toBe('409 TOKEN_UNREADABLE');
          expect(outcomeOf(await internal().reauthorize(row.id, 'another'))).toBe('200');
          expect((await internal().lease(row.id)).body.accessToken).toBe('another');
        }
      },
    },
    'A restored event store': {
      before: async () => {
        await stop(...everyRole);
        lost = await claimWithoutEvents();
      },
      after: async () => {
        await start(...everyRole);
        await sql(
          `SELECT graphile_worker.add_job('sweep'), graphile_worker.add_job('sweep-changes')`,
        );
        await waitFor(() => countOf(`effects.work WHERE state <> 'recorded'`, 0), {
          what: 'the outcomes told again',
        });
        await waitFor(
          () => countOf(`registry.channels WHERE state = 'ended' AND id = '${lost}'`, 1),
          {
            what: 'the end of a claim without a channel',
          },
        );
        expect((await api().get<ChannelRow>(path(kept))).body.status).toBe('ACTIVE');
        expect(await outcomesOf(disconnected)).toEqual(ofEachEffect);
      },
    },
    Alerts: {
      before: async () => {
        await stop('subscribers');
        // One that passes is forgiven, as it would not be with a single try.
        env = { ...env, EFFECT_MAX_TRIES: '2' };
        await start('subscribers');
        await sql('ALTER TABLE insights.comments RENAME TO away');
        await disconnect(late);
        shown.set('soc', late.id);
        await waitFor(
          async () =>
            (
              await dataSource.query<object[]>(
                `SELECT 1 FROM effects.work WHERE channel_id = $1 AND state = 'parked'`,
                [late.id],
              )
            ).length === 1,
          { what: 'the parked effect' },
        );
        await sql('ALTER TABLE insights.away RENAME TO comments');
      },
      after: async () => {
        await completed(late);
        expect(await outcomesOf(late)).toEqual(ofEachEffect);
      },
    },
  };

  async function enter({ language, text }: ManualCommand): Promise<void> {
    // The same once more tells nothing new, unless it is about another channel.
    if (entered.has(text) && !text.includes('…')) return;
    entered.add(text);
    if (language === 'sql') return sql(text);
    const command = text.replace(/\b(soc|ws|usr|key)_…/g, (_, kind: string) => shown.get(kind)!);
    const printed = await shell.run(command);
    for (const [id, kind] of printed.matchAll(/\b(ws|usr|key)_[0-9A-Z]{26}\b/g))
      shown.set(kind!, id);
  }

  it.each(manual)(
    '$title',
    async ({ title, commands }) => {
      const { before, after, afterCommand = {} } = scenes[title] ?? {};
      await before?.();
      for (const command of commands) {
        await enter(command);
        await afterCommand[command.text]?.();
      }
      await after?.();
    },
    60_000,
  );

  it('has the sections and the commands that something goes on around', () => {
    const commands = manual.flatMap((section) => section.commands);
    expect(manual.map(({ title }) => title)).toEqual(expect.arrayContaining(Object.keys(scenes)));
    expect(commands.map(({ text }) => text)).toEqual(
      expect.arrayContaining(
        Object.values(scenes).flatMap(({ afterCommand = {} }) => Object.keys(afterCommand)),
      ),
    );
    expect(commands.length).toBeGreaterThan(40);
  });
});
