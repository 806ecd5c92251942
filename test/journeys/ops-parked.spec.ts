import type { DataSource } from 'typeorm';
import { aChannelId, runOps, useTestBed } from '@app/testing';

const bed = useTestBed();
let dataSource: DataSource;
beforeAll(async () => {
  dataSource = await bed.dataSource();
});

async function ops(...args: string[]) {
  return runOps(['parked', ...args], await bed.environment(), bed.folder);
}

it('lists a parked effect and has it tried again; nothing of it can be discarded', async () => {
  const channelId = aChannelId();
  await dataSource.query(
    `INSERT INTO effects.work (effect, channel_id, state, attempts, tries, parked_at, error)
     VALUES ('token-wipe', $1, 'parked', 10, 10, '2026-01-01T00:00:00Z', 'a reason')`,
    [channelId],
  );
  const id = `token-wipe:${channelId}`;
  const parkedAt = '2026-01-01T00:00:00.000Z';
  const listed = await ops('list', '--json');
  expect(JSON.parse(listed.stdout)).toEqual([
    { id, kind: 'effect', effect: 'token-wipe', channelId, parkedAt, reason: 'a reason' },
  ]);

  expect(JSON.parse((await ops('show', id, '--json')).stdout)).toEqual({
    ...{ id, kind: 'effect', effect: 'token-wipe', channelId, parkedAt, reason: 'a reason' },
    ...{ attempts: 10, message: null },
  });
  expect(await ops('show', 'message:1')).toMatchObject({ code: 3, stdout: '' });

  expect(await ops('redrive', id, '--reason', 'mended')).toEqual({
    code: 0,
    stdout: `redriven: ${id}\n`,
    stderr: '',
  });
  const rows: unknown = await dataSource.query(
    `SELECT state, tries, key FROM effects.work JOIN graphile_worker.jobs ON key = $2
      WHERE channel_id = $1`,
    [channelId, id],
  );
  expect(rows).toEqual([{ state: 'pending', tries: 0, key: id }]);

  const again = await ops('redrive', id, '--reason', 'mended');
  expect(again).toMatchObject({
    code: 3,
    stderr: `ops: ${id} is not parked: see ops parked list\n`,
  });
  const { stdout } = await ops('--help');
  const commands = stdout.slice(stdout.indexOf('Commands:')).match(/^ {2}[a-z]+/gm);
  expect(commands).toEqual(['  list', '  show', '  redrive']);
});
