import type { EventStore } from '@app/event-store';
import { aWorkspaceId, membersOf, RestClient, useTestBed, waitFor } from '@app/testing';
import type { ChannelPage } from '@app/queries';
import { aChannel } from '../support/channels';
import { addContent } from '../support/content';
import { Documented } from './fuzz/documented';
import { fuzz } from './fuzz/run';

describe('The public API, asked at random', () => {
  const bed = useTestBed({ patient: true });
  let events: EventStore;

  const connect = async (workspaceId: string, count: number): Promise<string[]> => {
    const made: string[] = [];
    for (let n = 0; n < count; n++) {
      made.push((await aChannel(events, { workspaceId })).channelId);
    }
    return made;
  };

  it('answers 5,000 requests as its document says, and none by a fault of ours', async () => {
    events = await bed.eventStore();
    const members = await membersOf(bed);
    const many = '1000000';
    const env = await bed.environment({
      RATE_LIMIT_SHORT_REQUESTS: many,
      RATE_LIMIT_LONG_REQUESTS: many,
    });
    const [api] = await Promise.all([bed.startRole('api', env), bed.startRole('projector', env)]);
    const owner = await members.admit();
    const editor = await members.admit({ workspaceId: owner.workspaceId, role: 'EDITOR' });
    const stranger = await members.admit();
    const mine = await connect(owner.workspaceId, 1_500);
    const theirs = await connect(stranger.workspaceId, 100);
    await addContent(
      await bed.dataSource(),
      { id: mine[0]!, workspaceId: owner.workspaceId },
      { snapshots: 3, comments: 3, scheduled: 3, published: 3 },
    );
    const cursor = await waitFor(async () => {
      const path = '/api/v1/social-accounts?limit=200';
      const { body } = await new RestClient(api.url, owner.key).get<ChannelPage>(path);
      return body.nextCursor ?? false;
    });

    const accountIds = [...mine, ...theirs];
    const report = await fuzz(
      api.url,
      new Documented('openapi.json'),
      {
        values: {
          accountId: accountIds,
          items: accountIds,
          workspaceId: [owner.workspaceId, stranger.workspaceId, aWorkspaceId()],
          cursor: [cursor],
        },
        secrets: [
          { weight: 12, secret: owner.key },
          { weight: 2, secret: editor.key },
          { weight: 1, secret: stranger.key },
          { weight: 1, secret: 'pb_live_unknown' },
          { weight: 1, secret: undefined },
        ],
      },
      // Limits are out of reach here, and no store goes away.
      { requests: 5_000, neverSeen: ['429', '503'] },
    );
    expect(report).toEqual({ surprises: [], unseen: [] });
  }, 240_000);
});
