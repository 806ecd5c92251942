import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { ChannelConnected } from '@app/domain';
import { keepAside } from '@app/effects';
import { readReceiptKeys } from '@app/receipts';
import { connected, disconnected, useTestBed } from '@app/testing';
import { GenerationsUnderTest } from '../../support/generations-under-test';
import { opsInProcess } from '../../support/ops-in-process';
import { standOfTables } from '../../support/stores';
import { announcement } from '../effects/given';

const bed = useTestBed({ patient: true });
let dataSource: DataSource;
const [start, lost] = [connected(), connected()];
const { channelId } = start.data;
const message = announcement(channelId);
const redriven = `token-wipe:${channelId}`;
const because = ['--actor', 'ana@example.com', '--reason', 'a test'];

/** What a command prints for programs: one line. */
async function json(code: number, typed: string, ...more: string[]): Promise<unknown> {
  const call = await opsInProcess(...typed.split(' '), ...more, '--json');
  expect(call).toEqual({ code, printed: [expect.any(String)] });
  return JSON.parse(call.printed[0]!);
}

/** Generation 2 of channels is live, with a wrong row; generation 1 was it before. */
beforeAll(async () => {
  Object.assign(process.env, await bed.environment(), { OPS_ACTOR: '' });
  const projected = await GenerationsUnderTest.on(bed);
  ({ dataSource } = projected);
  await projected.append(start, 0);
  await projected.append(disconnected(start), 1);
  await projected.replay('channels');
  await dataSource.query(`UPDATE read_model.channels_g2 SET handle = '@wrong'`);
  await keepAside(dataSource.manager, 'effects.skipped', 'token-wipe', {
    message,
    reason: 'forged',
  });
  await dataSource.query(
    `INSERT INTO effects.work (effect, channel_id, state, parked_at, error)
     VALUES ('token-wipe', $1, 'parked', now(), 'a reason')`,
    [channelId],
  );
  for (const { data } of [start, lost]) await claim(data);
});

async function claim(data: ChannelConnected['data']): Promise<void> {
  await dataSource.query(
    `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
     VALUES ($1, $2, $3, $4, $5, 'live')`,
    [data.channelId, data.workspaceId, data.platform, data.externalId, data.grantRef],
  );
}

describe('With --dry-run', () => {
  const anew = 'build a new generation of channels from the first event on';
  const former = /^show generation 1 of channels to readers, which saw it until \S+Z$/;

  let before: object;
  beforeAll(async () => {
    before = await standOfTables(dataSource);
  });

  it.each<[string, (string | RegExp)[]]>([
    [
      'projections replay channels',
      [anew, /^show it to readers once it is where the live one is$/],
    ],
    ['projections replay channels --keep', [anew]],
    ['projections swap channels', [former]],
    ['projections swap channels --to 1', [former]],
    ['projections rollback channels', [former]],
    ['projections pause channels', ['stop following channels: its rows grow old']],
    ['projections resume channels', ['follow channels again']],
    ['projections prune channels', ['drop generation 1 of channels']],
    ['projections verify channels --repair', ['replace channels; wrong rows: 1']],
    ['projections verify receipts --repair', []],
    ['skipped discard 1', [/^discard 1, \S+\[\d+\]@\d+ for token-wipe, skipped \S+Z, for good$/]],
  ])('%s says what it would do, and changes nothing', async (typed, lines) => {
    const would = lines.map((line) => expect.stringMatching(line) as string);
    expect(await json(0, typed, '--dry-run')).toEqual({ dryRun: true, would });
    expect(await standOfTables(dataSource)).toEqual(before);
  });
});

describe('For programs', () => {
  it('a check tells of each wrong row, and ends with 1 where there is one', async () => {
    const { handle } = start.data;
    const fields = { handle: { live: '@wrong', correct: handle } };
    expect(await json(1, 'projections verify channels')).toEqual({
      ...{ generation: 2, events: 2, rows: 1, position: expect.stringMatching(/^\d+$/) as string },
      ...{ wrongRows: 1, wrong: [{ key: channelId, kind: 'changed', fields }] },
    });
    const nothing = { generation: 1, events: 0, rows: 0, position: null, wrongRows: 0, wrong: [] };
    expect(await json(0, 'projections verify receipts')).toEqual(nothing);
  });

  it('a channel has its history, each event of it', async () => {
    expect(await json(0, `channels show ${channelId} --history`)).toMatchObject({
      ...{ id: channelId, row: { handle: '@wrong' }, registry: { state: 'live' }, vault: null },
      work: [{ effect: 'token-wipe', state: 'parked' }],
      history: [
        { stream: `channel-${channelId}`, revision: 0, type: 'ChannelConnected', data: start.data },
        { stream: `channel-${channelId}`, revision: 1, type: 'ChannelDisconnected' },
      ],
    });
  });

  it('what was parked is redriven, and what was skipped shown and discarded', async () => {
    expect(await json(0, `parked redrive ${redriven}`, ...because)).toEqual({ redriven });
    expect(await json(0, 'skipped show 1')).toEqual({
      ...{ id: '1', effect: 'token-wipe', reason: 'forged' },
      skippedAt: expect.stringMatching(/Z$/) as string,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      message: { ...message, value: message.value!.toString(), valueEncoding: 'utf-8' },
    });
    expect(await json(0, 'skipped discard 1 --yes', ...because)).toEqual({ discarded: '1' });
    expect(await opsInProcess('skipped', 'show', '1', '--json')).toMatchObject({
      ...{ code: 3, printed: [] },
      error: { message: 'There is no skipped message 1: see ops skipped list' },
    });
  });

  it('what an event store has lost is listed, and recorded again', async () => {
    const { channelId, workspaceId } = lost.data;
    const listed = [{ channelId, workspaceId, lost: ['ChannelConnected'] }];
    expect(await json(0, 'events lost')).toEqual(listed);
    const recorded = { channels: 1, events: 1, steppedBack: [] };
    expect(await json(0, 'events recover --yes', ...because)).toEqual(recorded);
    expect(await json(0, 'events lost')).toEqual([]);
  });

  it('a key that was added signs from now on', async () => {
    const path = join(bed.folder, 'two-keys.json');
    expect(await json(0, `receipts create-keys ${path}`)).toEqual({ made: path });
    const [former] = readReceiptKeys(path).keys;
    const answer = await json(0, `receipts rotate-keys ${path}`);
    const { signs, keys } = readReceiptKeys(path);
    expect(answer).toEqual({ path, signs });
    expect(keys.map(({ kid }) => kid).sort()).toEqual([former!.kid, signs].sort());
  });
});
