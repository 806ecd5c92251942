import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import type { AccountToConnect } from '@app/commands';
import type { Settings } from '@app/config';
import { announcedEffects } from '@app/domain';
import type { ChannelRow, Receipt } from '@app/domain';
import { listDisconnections, listLost, replaying } from '@app/operations';
import { membersOf, waitFor } from '@app/testing';
import { Keyring } from '@app/token-vault';
import { addContent, contentOf } from '../support/content';
import { outcomeOf } from '../support/internal-service';
import type { ManualCommand } from '../support/manual';
import { OperatorShell, readManual } from '../support/manual';
import { doneAgain } from '../support/done-again';
import { RestorableBed } from '../support/restorable-bed';
import { runSql } from '../support/run-sql';
import { WholeService } from '../support/whole-service';

const manual = readManual(join(__dirname, '../../docs/operating.md'));
const content = { snapshots: 4, comments: 3, scheduled: 2, published: 1 };
const [untouched, gone] = [
  { snapshots: 4, comments: 3, targets: { SCHEDULED: 2, PUBLISHED: 1 }, sealed: true },
  { snapshots: 0, comments: 0, targets: { CANCELED: 2, PUBLISHED: 1 }, sealed: false },
];
const ofEachEffect = Object.fromEntries(announcedEffects.map((effect) => [effect, 1]));

/** What an event store loses that is restored to before it. */
interface LostPast {
  /** Of a channel that the backup has: its receipt, before it was lost. */
  readonly receipt: Omit<Receipt, 'streamRevision'>;
  /** Its account, connected again, and the new channel. */
  readonly account: AccountToConnect;
  readonly back: ChannelRow;
  /** Connected and disconnected since the backup. */
  readonly brief: ChannelRow;
  /** Disconnected as well, but nothing was done about it yet. */
  readonly undone: ChannelRow;
}

interface Scene {
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
  readonly afterCommand?: Readonly<Record<string, (printed: string) => Promise<void>>>;
}

/**
 * An operator who enters every command of docs/operating.md, section by section, while the service runs
 * as that section finds it. A database and an event store are really restored to an earlier moment on the way.
 */
describe('docs/operating.md', () => {
  const bed = new RestorableBed({ patient: true });
  afterAll(() => bed.close());
  /** What stands for `soc_…`, `ws_…`, `usr_…` and `key_…` in a command: the last that was shown. */
  const shown = new Map<string, string>();
  const entered = new Set<string>();
  let shell: OperatorShell;
  let settings: Settings;
  let service: WholeService;
  let dataSource: DataSource;
  let kept: ChannelRow;
  let disconnected: ChannelRow;
  let late: ChannelRow;
  let past: LostPast;

  async function countOf(what: string, wanted: number): Promise<boolean> {
    const [found]: { count: string }[] = await dataSource.query(`SELECT count(*) FROM ${what}`);
    return Number(found!.count) === wanted;
  }

  const sql = async (text: string): Promise<void> => runSql(await bed.databaseUrl(), text);

  /** Channels whose events come after the backup of the event store, some of them all. */
  async function pastAfterBackup(): Promise<LostPast> {
    const account = service.anAccount();
    const [former, undone] = [await service.connect(account), await service.connect()];
    for (const row of [former, undone]) await addContent(dataSource, row, content);
    await bed.backUpEvents();
    await service.disconnect(former);
    // But for where it stands in a stream that is lost, and what signs that.
    const { streamRevision: _, signature: __, ...receipt } = await service.completed(former);
    await sql(doneAgain(former));
    const [back, brief] = [await service.connect(account), await service.connect()];
    await addContent(dataSource, back, content);
    await service.disconnect(brief);
    await service.completed(brief);
    await service.stop('subscribers');
    await service.disconnect(undone);
    await waitFor(() => countOf(`read_model.receipts WHERE channel_id = '${undone.id}'`, 1), {
      what: 'everything projected that is about to be lost',
    });
    return { receipt, account, back, brief, undone };
  }

  beforeAll(async () => {
    const members = await membersOf(bed);
    dataSource = await bed.dataSource();
    const env = await bed.environment({
      READ_MODEL_WAIT_MS: '0',
      KEK_DESTROY_AFTER_HOURS: '0',
      RECONCILE_AFTER_MS: '500',
    });
    await bed.createTopics();
    shell = new OperatorShell(env, bed.folder);
    settings = await bed.settings('ops events');
    service = await WholeService.of(bed, members, env);

    await service.start('internal', 'projector');
    [kept, disconnected] = [await service.connect(), await service.connect()];
    for (const row of [kept, disconnected]) await addContent(dataSource, row, content);
    await service.stop('internal', 'projector');
    await bed.backUpDatabase();
  });

  /** What goes on around the commands of a section, and after single ones. */
  const scenes: Readonly<Record<string, Scene>> = {
    'A first look': {
      before: async () => {
        await service.start();
        await service.disconnect(disconnected);
        await service.completed(disconnected);
        shown.set('soc', disconnected.id);
      },
    },
    Logins: {
      // They are the server's: another file's database is on it, too.
      after: () =>
        sql(`DROP ROLE channels_api, channels_internal, channels_projector, channels_relay,
                       channels_subscribers`),
    },
    Keys: {
      after: async () => {
        await dataSource.query(`SELECT graphile_worker.add_job('tend-keks')`);
        // The backup is sealed by the former one, which nobody needs any more.
        await waitFor(
          async () => (await Keyring.fromFile(bed.vaultKeyFile()).list()).length === 1,
          { what: 'the end of the former key' },
        );
        expect(outcomeOf(await service.internal.leaseOnceOpen(kept.id))).toBe('200');
      },
    },
    'A restored database': {
      before: async () => {
        late = await service.connect();
        await service.stop();
        await bed.restoreDatabase();
        expect(await contentOf(dataSource, disconnected.id)).toEqual(untouched);
      },
      afterCommand: {
        "ops setup --reason 'the database was restored'": async () => {
          await service.start('projector', 'relay', 'subscribers');
          await waitFor(
            async () => isDeepStrictEqual(await contentOf(dataSource, disconnected.id), gone),
            { what: 'what came back with the database to be gone' },
          );
        },
      },
      after: async () => {
        await service.start('internal', 'api');
        await service.completed(disconnected);
        expect(await service.outcomesOf(disconnected)).toEqual(ofEachEffect);
        expect(await contentOf(dataSource, kept.id)).toEqual(untouched);
        for (const row of [kept, late]) {
          expect((await service.row(row)).status).toBe('ACTIVE');
          expect(outcomeOf(await service.internal.leaseOnceOpen(row.id))).toBe(
            '409 TOKEN_UNREADABLE',
          );
          expect(outcomeOf(await service.internal.reauthorize(row.id, 'another'))).toBe('200');
          expect((await service.internal.leaseOnceOpen(row.id)).body.accessToken).toBe('another');
        }
      },
    },
    'A restored event store': {
      before: async () => {
        past = await pastAfterBackup();
        await service.stop('api', 'internal', 'projector', 'relay');
        await bed.restoreEvents();
      },
      afterCommand: {
        'ops events lost': async (printed) => {
          const lost = Object.fromEntries(
            printed.split('\n').map((line) => [line.slice(0, 30), line.split(/ {2,}/)[2]]),
          );
          const outcomes = `${'EffectFinished, '.repeat(4)}DisconnectionCompleted`;
          expect(lost[past.receipt.accountId]).toBe(`ChannelDisconnected, ${outcomes}`);
          expect(lost[past.brief.id]).toBe(`ChannelConnected, ChannelDisconnected, ${outcomes}`);
          expect(lost[past.undone.id]).toBe('ChannelDisconnected');
          expect(lost[past.back.id]).toBe('ChannelConnected');
          expect(lost[kept.id]).toBeUndefined();
          const tooSoon = { show: true, anotherHistory: true, onProgress: () => undefined };
          const { signal } = new AbortController();
          const replay = replaying(settings, 'channels', { ...tooSoon, signal });
          await expect(replay.preview()).rejects.toThrow('ops events recover');
        },
        'ops events recover --dry-run': async (printed) => {
          expect(printed).toMatch(
            /^would record \d+ events of \d+ channels again at \S+:\d+ \(the/,
          );
          const unconfirmed = shell.run("ops events recover --reason 'the wrong store'");
          await expect(unconfirmed).rejects.toThrow('nobody is there to confirm it: give --yes');
        },
      },
      after: async () => {
        // Nobody but Kafka asks for effects in time.
        service.env = { ...service.env, RECONCILE_AFTER_MS: '600000' };
        await service.start();
        await service.completed(past.undone);
        expect(await contentOf(dataSource, past.undone.id)).toEqual(gone);
        const { back, receipt } = past;
        for (const id of [receipt.accountId, past.brief.id, past.undone.id])
          expect(await service.outcomesOf({ id })).toEqual(ofEachEffect);
        expect(await service.completed({ id: receipt.accountId })).toMatchObject(receipt);

        // The account stays where it was connected to, with all that it has.
        expect(await service.row(back)).toEqual(back);
        expect(await contentOf(dataSource, back.id)).toEqual(untouched);
        expect(outcomeOf(await service.internal.leaseOnceOpen(back.id))).toBe('200');
        const again = await service.internal.connect(past.account);
        expect([again.status, again.body.code]).toEqual([409, 'ACCOUNT_ALREADY_CONNECTED']);
        await service.disconnect(back);
        await service.completed(back);
        await service.disconnect(await service.connect(past.account));
        await waitFor(async () => (await listDisconnections(settings)).length === 0, {
          what: 'the end of every disconnection',
        });
        expect(await listLost(settings)).toEqual([]);
        expect(await countOf('effects.skipped', 0)).toBe(true);
      },
    },
    Alerts: {
      before: async () => {
        await service.stop('subscribers');
        // One that passes is forgiven, as it would not be with a single try.
        service.env = { ...service.env, EFFECT_MAX_TRIES: '2' };
        await service.start('subscribers');
        await sql('ALTER TABLE insights.comments RENAME TO away');
        await service.disconnect(late);
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
        await service.completed(late);
        expect(await service.outcomesOf(late)).toEqual(ofEachEffect);
      },
    },
  };

  /** @returns what it printed */
  async function enter({ language, text }: ManualCommand): Promise<string> {
    // The same once more tells nothing new, unless it is about another channel.
    if (entered.has(text) && !text.includes('…')) return '';
    entered.add(text);
    if (language === 'sql') {
      await sql(text);
      return '';
    }
    const command = text.replace(/\b(soc|ws|usr|key)_…/g, (_, kind: string) => shown.get(kind)!);
    const printed = await shell.run(command);
    for (const [id, kind] of printed.matchAll(/\b(ws|usr|key)_[0-9A-Z]{26}\b/g))
      shown.set(kind!, id);
    return printed;
  }

  it.each(manual)('$title', async ({ title, commands }) => {
    const { before, after, afterCommand = {} } = scenes[title] ?? {};
    await before?.();
    for (const command of commands) {
      const printed = await enter(command);
      await afterCommand[command.text]?.(printed);
    }
    await after?.();
  });

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
