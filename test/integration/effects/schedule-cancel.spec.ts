import type { ChannelId } from '@app/domain';
import { aPostId, aWorkspaceId, useTestBed } from '@app/testing';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, patience, workOf } from './effects-under-test';
import { announcement, connectedChannel, disconnectedChannel } from './given';

const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
beforeAll(async () => {
  effects = await effectsUnderTest(bed);
});

/** A post with a target on each of these channels. */
async function post(status: string, targets: readonly [ChannelId, string][]): Promise<string> {
  const postId = aPostId();
  await effects.dataSource.query(
    `INSERT INTO publishing.posts (id, workspace_id, status, body) VALUES ($1, $2, $3, 'words')`,
    [postId, aWorkspaceId(), status],
  );
  for (const [index, [channelId, targetStatus]] of targets.entries()) {
    await effects.dataSource.query(
      `INSERT INTO publishing.post_targets (id, post_id, channel_id, status) VALUES ($1, $2, $3, $4)`,
      [`${postId}:${index}`, postId, channelId, targetStatus],
    );
  }
  return postId;
}

/** The post's status, and each target's with its reason, in the order in which they were made. */
async function seen(postId: string): Promise<[string, ...(string | null)[][]]> {
  const [found]: { status: string }[] = await effects.dataSource.query(
    'SELECT status FROM publishing.posts WHERE id = $1',
    [postId],
  );
  const targets: { status: string; cancel_reason: string | null }[] =
    await effects.dataSource.query(
      'SELECT status, cancel_reason FROM publishing.post_targets WHERE post_id = $1 ORDER BY id',
      [postId],
    );
  return [found!.status, ...targets.map(({ status, cancel_reason }) => [status, cancel_reason])];
}

async function cancel(channelId: ChannelId): Promise<void> {
  await effects.inbox.receive('schedule-cancel', announcement(channelId));
  await effects.worker.run({ effect: 'schedule-cancel', channelId }, patience);
}

const canceled = ['CANCELED', 'CHANNEL_DISCONNECTED'];

it('cancels the targets of the channel, derives their posts again, and touches no other', async () => {
  const gone = await disconnectedChannel(effects);
  const other = (await connectedChannel(effects)).data.channelId;
  const posts = {
    onlyHere: await post('SCHEDULED', [[gone, 'SCHEDULED']]),
    toApprove: await post('NEEDS_APPROVAL', [[gone, 'NEEDS_APPROVAL']]),
    both: await post('SCHEDULED', [
      [gone, 'SCHEDULED'],
      [other, 'SCHEDULED'],
    ]),
    outElsewhere: await post('PARTIALLY_PUBLISHED', [
      [other, 'PUBLISHED'],
      [gone, 'SCHEDULED'],
    ]),
    failedElsewhere: await post('SCHEDULED', [
      [other, 'FAILED'],
      [gone, 'SCHEDULED'],
    ]),
    onItsWay: await post('PUBLISHING', [[gone, 'PUBLISHING']]),
    out: await post('PUBLISHED', [[gone, 'PUBLISHED']]),
    failed: await post('FAILED', [[gone, 'FAILED']]),
    draft: await post('DRAFT', [[gone, 'DRAFT']]),
    canceledBefore: await post('CANCELED', [[gone, 'CANCELED']]),
    elsewhere: await post('SCHEDULED', [[other, 'SCHEDULED']]),
  };

  await cancel(gone);

  const after = await Promise.all(
    Object.entries(posts).map(async ([name, id]) => [name, await seen(id)]),
  );
  expect(Object.fromEntries(after)).toEqual({
    onlyHere: ['CANCELED', canceled],
    toApprove: ['CANCELED', canceled],
    both: ['SCHEDULED', canceled, ['SCHEDULED', null]],
    outElsewhere: ['PUBLISHED', ['PUBLISHED', null], canceled],
    failedElsewhere: ['FAILED', ['FAILED', null], canceled],
    onItsWay: ['PUBLISHING', ['PUBLISHING', null]],
    out: ['PUBLISHED', ['PUBLISHED', null]],
    failed: ['FAILED', ['FAILED', null]],
    draft: ['DRAFT', ['DRAFT', null]],
    canceledBefore: ['CANCELED', ['CANCELED', null]],
    elsewhere: ['SCHEDULED', ['SCHEDULED', null]],
  });
  expect(await workOf(effects, gone, 'schedule-cancel')).toEqual({
    state: 'done',
    counts: { canceled: 5, publishing: 1 },
    attempts: 1,
  });
});

it('cancels more posts than fit into one round', async () => {
  const gone = await disconnectedChannel(effects);
  await effects.dataSource.query(
    `INSERT INTO publishing.posts (id, workspace_id, status, body)
     SELECT 'post_' || $1 || n, 'ws', 'SCHEDULED', 'words' FROM generate_series(1, 1234) n`,
    [gone],
  );
  await effects.dataSource.query(
    `INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
     SELECT $1 || ':' || n, 'post_' || $1 || n, $1, 'SCHEDULED' FROM generate_series(1, 1234) n`,
    [gone],
  );

  await cancel(gone);

  const left: unknown = await effects.dataSource.query(
    `SELECT post.status, target.status AS target, count(*)::int FROM publishing.posts post
       JOIN publishing.post_targets target ON target.post_id = post.id
      WHERE target.channel_id = $1 GROUP BY 1, 2`,
    [gone],
  );
  expect(left).toEqual([{ status: 'CANCELED', target: 'CANCELED', count: 1234 }]);
  const counts = { canceled: 1234, publishing: 0 };
  expect(await workOf(effects, gone, 'schedule-cancel')).toMatchObject({ counts });
});

it('cancels the posts that two channels share, when both end at the same time', async () => {
  const first = await disconnectedChannel(effects);
  const second = await disconnectedChannel(effects);
  const shared = await Promise.all(
    Array.from({ length: 40 }, () =>
      post('SCHEDULED', [
        [first, 'SCHEDULED'],
        [second, 'NEEDS_APPROVAL'],
      ]),
    ),
  );

  await Promise.all([cancel(first), cancel(second)]);

  for (const postId of shared) expect(await seen(postId)).toEqual(['CANCELED', canceled, canceled]);
});
