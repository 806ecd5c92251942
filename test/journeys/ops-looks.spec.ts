import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelId } from '@app/domain';
import type { OpenDisconnection, ReceiptReport, Skipped } from '@app/operations';
import { publicKeysOf, readReceiptKeys } from '@app/receipts';
import type { OpsRun } from '@app/testing';
import { aChannelId, runOps, useTestBed, waitFor } from '@app/testing';
import type { EffectsUnderTest } from '../integration/effects/effects-under-test';
import { effectsUnderTest, patience } from '../integration/effects/effects-under-test';
import {
  announcement,
  bringAboutAll,
  connectedChannel,
  disconnectedChannel,
} from '../integration/effects/given';
import { plantSurvivor } from '../integration/effects/plant-survivor';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
let env: NodeJS.ProcessEnv;

const ops = (...args: string[]): Promise<OpsRun> => runOps(args, env, bed.folder);
const json = async <T>(...args: string[]): Promise<T> => {
  const { code, stdout, stderr } = await ops(...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout) as T;
};

beforeAll(async () => {
  effects = await effectsUnderTest(bed);
  const { KAFKA_BROKERS: _, ...needed } = await bed.environment();
  env = needed;
  await bed.startRole('projector', await bed.environment());
});

describe('ops channels and ops disconnections', () => {
  let done: ChannelId;
  let open: ChannelId;
  beforeAll(async () => {
    done = await disconnectedChannel(effects);
    await bringAboutAll(effects, done);
    await effects.recorder.record(done, patience);
    open = await disconnectedChannel(effects);
    await waitFor(
      async () => {
        const rows: unknown[] = await effects.dataSource.query(
          `SELECT FROM read_model.receipts JOIN registry.endings USING (channel_id)
            WHERE (channel_id, status) IN (($1, 'COMPLETED'), ($2, 'PENDING'))`,
          [done, open],
        );
        return rows.length === 2;
      },
      { what: 'both receipts in the read model' },
    );
  });

  it('show a channel and its history, for people and for programs', async () => {
    const { code, stdout } = await ops('channels', 'show', done, '--history');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nstatus +DISCONNECTED\n/);
    expect(stdout).toMatch(/\nVault\nstate +wiped\nversion +1\n/);
    expect(stdout).toMatch(/channel@1 +ChannelDisconnected {2}by usr_\w+, req_\w+ {2}\{/);
    expect(stdout).toMatch(/disconnection@4 +DisconnectionCompleted /);
    expect(await json('channels', 'show', done)).toMatchObject({
      id: done,
      vault: { state: 'wiped' },
    });
    expect(await ops('channels', 'show', aChannelId())).toMatchObject({ code: 3, stdout: '' });
    expect(await ops('channels', 'show', 'soc_1')).toMatchObject({ code: 2, stdout: '' });
  });

  it('list what is not done, what is overdue, and what is stuck', async () => {
    // The builders' time is long past.
    const table = await ops('disconnections', 'list', '--overdue');
    expect(table.stdout).toMatch(/^CHANNEL +STATUS +REQUESTED +DEADLINE +MISSING\n/);
    expect(table.stdout).toContain(`${open}  PENDING  `);
    expect(table.stdout).toContain('(past)  token-wipe unasked; analytics-purge unasked;');
    const stuck = await json<OpenDisconnection[]>('disconnections', 'list', '--stuck');
    expect(stuck.map(({ channelId }) => channelId)).toEqual([open]);
    expect(await ops('disconnections', 'list', '--stuck', '--overdue')).toMatchObject({
      code: 2,
      stderr: 'ops: Give --overdue or --stuck, not both\n',
    });
  });

  it('answer the receipt as REST does, so that it can be verified offline', async () => {
    const [receipt, keys] = ['receipt.json', 'keys.json'].map((name) => join(bed.folder, name));
    writeFileSync(receipt!, (await ops('disconnections', 'receipt', done, '--json')).stdout);
    writeFileSync(keys!, JSON.stringify(publicKeysOf(readReceiptKeys(env['RECEIPT_KEY_FILE']!))));
    const verified = await json<object>('receipts', 'verify', receipt!, '--keys', keys!);
    expect(verified).toMatchObject({ isGenuine: true });
    const { RECEIPT_KEY_FILE: _, ...others } = env;
    const unsigned = await runOps(['disconnections', 'receipt', done], others, bed.folder);
    expect(unsigned.stdout).toMatch(/\nsignature +unsigned: RECEIPT_KEY_FILE is not set\n/);
  });

  it('hold the receipt against the database, and fail when it lies', async () => {
    const held = await ops('disconnections', 'receipt', done, '--verify');
    expect(held).toMatchObject({ code: 0, stderr: '' });
    expect(held.stdout).toMatch(/\nok {6}no cached comments are left\n/);
    await plantSurvivor(effects.dataSource, 'comments-purge', done);
    const lie = await ops('disconnections', 'receipt', done, '--verify');
    expect(lie).toMatchObject({ code: 1, stderr: 'ops: not ok: no cached comments are left\n' });
    expect(lie.stdout).toContain(
      '\nnot ok  no cached comments are left: comments-purge is done, and some are there\n',
    );
    const { code, stdout } = await ops('disconnections', 'receipt', done, '--verify', '--json');
    const { checks } = JSON.parse(stdout) as ReceiptReport;
    expect([code, checks.filter(({ isOk }) => !isOk).length]).toEqual([1, 1]);
  });
});

describe('ops skipped', () => {
  it('lists, shows and discards what was refused, and keeps its digest', async () => {
    const { channelId } = (await connectedChannel(effects)).data;
    const forged = announcement(channelId, { key: `${channelId}\u001b[31m` });
    await effects.inbox.receive('token-wipe', forged);
    const [listed, ...others] = await json<Skipped[]>('skipped', 'list');
    expect(others).toEqual([]);
    expect(listed).toMatchObject({
      effect: 'token-wipe',
      message: { ...forged, value: forged.value!.toString(), valueEncoding: 'utf-8' },
    });
    const id = listed!.id;
    // A stranger's text steers no terminal.
    const table = await ops('skipped', 'list');
    expect(table.stdout).toContain(`${channelId}\\u001b[31m`);
    expect((await ops('skipped', 'show', id)).stdout).toContain(
      `\ndigest         ${listed!.digest}\n`,
    );

    const discard = ['skipped', 'discard', id, '--reason', 'a test'];
    expect(await ops(...discard)).toMatchObject({ code: 3, stdout: '' });
    expect(await ops(...discard, '--yes')).toEqual({
      code: 0,
      stdout: `discarded: ${id}\n`,
      stderr: '',
    });
    expect(await json<Skipped[]>('skipped', 'list')).toEqual([]);
    const rows: object[] = await effects.dataSource.query(
      'SELECT phase, command, arguments FROM audit.operator_actions ORDER BY id',
    );
    const { topic, partition, offset } = forged;
    const kept = { id, effect: 'token-wipe', topic, partition, offset };
    expect(rows).toEqual(
      ['started', 'succeeded'].map((phase) => ({
        phase,
        command: 'skipped discard',
        arguments: { ...kept, skippedAt: listed!.skippedAt, digest: listed!.digest },
      })),
    );
    expect(await ops(...discard, '--yes')).toMatchObject({
      code: 3,
      stderr: `ops: There is no skipped message ${id}: see ops skipped list\n`,
    });
    expect(await ops('skipped', 'show', 'x')).toMatchObject({ code: 2 });
  });
});
