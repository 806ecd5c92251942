import type { DataSource } from 'typeorm';
import type { ChannelId } from '@app/domain';
import { Registry } from '@app/registry';
import { aChannelId, aPostId, aWorkspaceId, requestedAt, useTestBed } from '@app/testing';
import { behindTheFence, registeredChannel } from '../../support/fence';

const registry = new Registry();
const bed = useTestBed();
let dataSource: DataSource;
/** One post, for targets on whatever channel. */
const post = aPostId();
beforeAll(async () => {
  dataSource = await bed.dataSource();
  await dataSource.query(
    `INSERT INTO publishing.posts (id, workspace_id, status, body) VALUES ($1, $2, 'DRAFT', 'words')`,
    [post, aWorkspaceId()],
  );
});

const statuses = [
  ...['DRAFT', 'NEEDS_APPROVAL', 'SCHEDULED', 'PUBLISHING'],
  ...['PUBLISHED', 'FAILED', 'CANCELED'],
];
const pending = ['NEEDS_APPROVAL', 'SCHEDULED', 'PUBLISHING'];

let ids = 0;
const nextId = (): string => `row_${++ids}`;

/** Ways to bring a row of a channel about. */
const writes: Record<string, (channelId: string) => Promise<unknown>> = {
  'a snapshot': (channelId) => insertSnapshot(channelId),
  'a comment': (channelId) =>
    dataSource.query(
      `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
       VALUES ($1, $2, 'c1', 'somebody', 'words', now())`,
      [nextId(), channelId],
    ),
  ...Object.fromEntries(
    statuses.map((status) => [
      `a target in ${status}`,
      (channelId: string) => insertTarget(channelId, status),
    ]),
  ),
  'an upsert': (channelId) =>
    dataSource.query(
      `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
       VALUES ($1, $2, now(), '{}') ON CONFLICT (id) DO UPDATE SET payload = excluded.payload`,
      [nextId(), channelId],
    ),
  'a COPY': (channelId) =>
    dataSource.query(
      `COPY insights.comments FROM PROGRAM 'echo ${nextId()},${channelId},c1,somebody,words,now' CSV`,
    ),
  'many rows, one of them for it': async (channelId): Promise<unknown> =>
    dataSource.query(
      `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
       SELECT $1 || channel_id || n, channel_id, now(), '{}'
         FROM unnest($2::text[]) AS channel_id, generate_series(1, 20) AS n`,
      [nextId(), [await registeredChannel(dataSource), channelId]],
    ),
};

function insertSnapshot(channelId: string, id = nextId()): Promise<unknown> {
  return dataSource.query(
    `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
     VALUES ($1, $2, now(), '{}')`,
    [id, channelId],
  );
}

async function insertTarget(channelId: string, status: string, id = nextId()): Promise<string> {
  await dataSource.query(
    `INSERT INTO publishing.post_targets (id, post_id, channel_id, status) VALUES ($1, $2, $3, $4)`,
    [id, post, channelId, status],
  );
  return id;
}

/** A DELETE was answered; nothing else of the disconnect has happened. */
async function recordEnding(channelId: ChannelId): Promise<ChannelId> {
  await registry.recordEnding(dataSource.manager, channelId, 'disconnected', requestedAt);
  return channelId;
}

async function rowsOf(channelId: string): Promise<number> {
  const [{ count }]: [{ count: number }] = await dataSource.query(
    `SELECT ((SELECT count(*) FROM insights.analytics_snapshots WHERE channel_id = $1)
           + (SELECT count(*) FROM insights.comments WHERE channel_id = $1)
           + (SELECT count(*) FROM publishing.post_targets WHERE channel_id = $1))::int AS count`,
    [channelId],
  );
  return count;
}

const channels = {
  'a live channel': { make: () => registeredChannel(dataSource), code: undefined },
  'a channel whose ending is written down': {
    make: async () => recordEnding(await registeredChannel(dataSource)),
    code: 'PB001',
  },
  'a channel that has ended': {
    make: async () => recordEnding(await registeredChannel(dataSource, 'ended')),
    code: 'PB001',
  },
  'a channel whose claim was freed': {
    make: () => registeredChannel(dataSource, 'ended'),
    code: 'PB001',
  },
  'a channel that an older backup has not, but its ending': {
    make: () => recordEnding(aChannelId()),
    code: 'PB001',
  },
  'a channel that is being connected': {
    make: () => registeredChannel(dataSource, 'opening'),
    code: 'PB002',
  },
  'no channel at all': { make: () => Promise.resolve(aChannelId()), code: 'PB002' },
};

describe.each(Object.entries(channels))('for %s', (_, { make, code }) => {
  it.each(Object.keys(writes))(`${code ?? 'nothing'} is refused: %s`, async (name) => {
    const channelId = await make();
    const writing = writes[name]!(channelId);
    if (code) await expect(writing).rejects.toMatchObject({ code });
    else await writing;
    expect((await rowsOf(channelId)) > 0).toBe(code === undefined);
  });
});

describe('A target', () => {
  const moved = async (channelId: string, from: string, to: string): Promise<string> => {
    const id = nextId();
    await behindTheFence(dataSource, (manager) =>
      manager.query(
        `INSERT INTO publishing.post_targets (id, post_id, channel_id, status) VALUES ($1, $2, $3, $4)`,
        [id, post, channelId, from],
      ),
    );
    return dataSource
      .query('UPDATE publishing.post_targets SET status = $2 WHERE id = $1', [id, to])
      .then(() => 'passes')
      .catch(({ code }: { code: string }) => code);
  };

  it.each(statuses)('of a channel that has ended, in %s, never becomes pending', async (from) => {
    for (const make of [channels['a channel that has ended'], channels['no channel at all']]) {
      const channelId = await make.make();
      for (const to of statuses) {
        const becomes = pending.includes(to) && to !== from;
        expect([from, to, await moved(channelId, from, to)]).toEqual([
          ...[from, to],
          becomes ? make.code : 'passes',
        ]);
      }
    }
  });

  it.each(statuses)('of a live channel, in %s, becomes anything', async (from) => {
    const channelId = await registeredChannel(dataSource);
    for (const to of statuses) expect(await moved(channelId, from, to)).toBe('passes');
  });

  it('is revived by no upsert, by no other id, and not among many others', async () => {
    const [live, gone] = [await registeredChannel(dataSource), await registeredChannel(dataSource)];
    const id = await insertTarget(gone, 'CANCELED');
    const others = [await insertTarget(live, 'DRAFT'), await insertTarget(live, 'DRAFT')];
    await recordEnding(gone);
    const refused = { code: 'PB001', message: expect.stringContaining(gone) as string };

    await expect(
      dataSource.query(
        `INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
         VALUES ($1, $2, $3, 'SCHEDULED')
         ON CONFLICT (id) DO UPDATE SET status = excluded.status`,
        [id, post, gone],
      ),
    ).rejects.toMatchObject(refused);
    await expect(
      dataSource.query(
        `UPDATE publishing.post_targets SET id = id || 'x', status = 'SCHEDULED' WHERE id = $1`,
        [id],
      ),
    ).rejects.toMatchObject(refused);
    await expect(
      dataSource.query(
        `UPDATE publishing.post_targets SET status = 'SCHEDULED' WHERE id = ANY ($1)`,
        [[...others, id]],
      ),
    ).rejects.toMatchObject(refused);
    const pendingNow: unknown[] = await dataSource.query(
      `SELECT id FROM publishing.post_targets WHERE channel_id = ANY ($1) AND status = ANY ($2)`,
      [[live, gone], pending],
    );
    expect(pendingNow).toEqual([]);
  });

  it('that is being published when its channel ends is finished, its result written', async () => {
    const channelId = await registeredChannel(dataSource);
    const id = await insertTarget(channelId, 'PUBLISHING');
    await recordEnding(channelId);
    const set = (columns: string): Promise<unknown> =>
      dataSource.query(`UPDATE publishing.post_targets SET ${columns} WHERE id = $1`, [id]);
    await set('attempt_count = attempt_count + 1');
    await set(`status = 'PUBLISHED', published_at = now(), external_post_id = 'p1'`);
    await expect(set(`status = 'SCHEDULED'`)).rejects.toMatchObject({ code: 'PB001' });
  });
});

describe('A cached row', () => {
  it.each([
    ['insights.analytics_snapshots', 'captured_at', 'a snapshot'],
    ['insights.comments', 'received_at', 'a comment'],
  ])('of %s whose channel has ended is refreshed no more', async (table, at, write) => {
    const channelId = await registeredChannel(dataSource);
    await writes[write]!(channelId);
    const refresh = `UPDATE ${table} SET ${at} = now() WHERE channel_id = $1`;
    await dataSource.query(refresh, [channelId]);
    await recordEnding(channelId);
    await expect(dataSource.query(refresh, [channelId])).rejects.toMatchObject({ code: 'PB001' });
    await dataSource.query(`DELETE FROM ${table} WHERE channel_id = $1`, [channelId]);
    expect(await rowsOf(channelId)).toBe(0);
    // Nothing is written any more, so nothing is refused.
    await dataSource.query(refresh, [channelId]);
  });

  it.each([
    ['insights.analytics_snapshots', 'a snapshot'],
    ['insights.comments', 'a comment'],
    ['publishing.post_targets', 'a target in DRAFT'],
  ])('of %s stays with its channel, whether that lives or not', async (table, write) => {
    const [mine, other] = [
      await registeredChannel(dataSource),
      await registeredChannel(dataSource),
    ];
    await writes[write]!(mine);
    await writes[write]!(other);
    const swap = `UPDATE ${table} SET channel_id = CASE channel_id WHEN $1 THEN $2 ELSE $1 END
                   WHERE channel_id IN ($1, $2)`;
    await expect(dataSource.query(swap, [mine, other])).rejects.toMatchObject({ code: 'PB003' });
    const move = `UPDATE ${table} SET channel_id = $2 WHERE channel_id = $1`;
    await expect(dataSource.query(move, [mine, other])).rejects.toMatchObject({ code: 'PB003' });
    await recordEnding(mine);
    await expect(dataSource.query(move, [mine, other])).rejects.toMatchObject({ code: 'PB003' });
    await dataSource.query(`UPDATE ${table} SET channel_id = channel_id WHERE channel_id = $1`, [
      other,
    ]);
    expect([await rowsOf(mine), await rowsOf(other)]).toEqual([1, 1]);
  });
});

describe('A refusal', () => {
  it('names every channel that it is about and says what to do', async () => {
    const gone = [await registeredChannel(dataSource), await registeredChannel(dataSource)].sort();
    for (const channelId of gone) await recordEnding(channelId);
    const both = `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
                  SELECT channel_id, channel_id, now(), '{}' FROM unnest($1::text[]) AS channel_id`;
    await expect(dataSource.query(both, [gone])).rejects.toMatchObject({
      message: `the channel has ended: ${gone.join(', ')}`,
      hint: 'It is final. Drop what you hold for it, and write the rest without it.',
    });
    const unknown = aChannelId();
    await expect(insertSnapshot(unknown)).rejects.toMatchObject({
      message: `the channel is not live: ${unknown}`,
      hint: expect.stringContaining('trying again soon helps') as string,
    });
  });
});
