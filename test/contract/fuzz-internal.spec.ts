import { randomUUID } from 'node:crypto';
import type { ChannelRow } from '@app/domain';
import { channelStream } from '@app/event-store';
import {
  aChannelId,
  aContext,
  anAccount,
  aUserId,
  aWorkspaceId,
  connected,
  disconnected,
  membersOf,
  RestClient,
  useTestBed,
} from '@app/testing';
import { Documented } from './fuzz/documented';
import { fuzz } from './fuzz/run';

describe('The internal API, asked at random', () => {
  const bed = useTestBed({ patient: true });

  it('answers 5,000 requests as its document says, and none by a fault of ours', async () => {
    const events = await bed.eventStore();
    const members = await membersOf(bed);
    const env = await bed.environment({ READ_MODEL_WAIT_MS: '0' });
    const [internal] = await Promise.all([
      bed.startRole('internal', env),
      // Leases are open when its registrar has caught up.
      bed.startRole('projector', env),
    ]);
    const secret = await members.mintService(['connect', 'refresh', 'lease']);
    const client = new RestClient(internal.url, secret);
    const rows: ChannelRow[] = [];
    for (let n = 0; n < 200; n++) {
      const { status, body } = await client.post<ChannelRow>('/internal/v1/channels', {
        body: anAccount(),
        headers: { 'idempotency-key': randomUUID() },
      });
      expect(status).toBe(201);
      rows.push(body);
    }
    for (const { id: channelId, workspaceId } of rows.slice(0, 10)) {
      const end = disconnected(connected({ channelId, workspaceId }));
      await events.append(channelStream(channelId), 0, [end], aContext());
    }

    const report = await fuzz(
      internal.url,
      new Documented('openapi-internal.json'),
      {
        values: {
          // Some that nobody knows, or a report of one would be too rare to be seen each time.
          id: [...rows.map(({ id }) => id), ...Array.from({ length: 25 }, aChannelId)],
          workspaceId: [rows[20]!.workspaceId, aWorkspaceId()],
          platform: ['INSTAGRAM', 'X'],
          externalId: [rows[20]!.externalId, 'a', 'b', 'c', 'd', 'e', 'f'],
          handle: ['@brand'],
          grantSubject: ['subject'],
          scopes: [['read']],
          displayName: [null, 'Brand'],
          actor: [aUserId()],
          version: [1, 2, 3],
          code: ['invalid_grant'],
          'Idempotency-Key': ['once', 'twice', ...Array.from({ length: 200 }, () => randomUUID())],
        },
        secrets: [
          { weight: 14, secret },
          { weight: 1, secret: await members.mintService(['connect']) },
          { weight: 1, secret: await members.mintService(['lease']) },
          { weight: 1, secret: (await members.admit()).key },
          { weight: 1, secret: undefined },
        ],
      },
      // No store goes away.
      { requests: 5_000, neverSeen: ['503'] },
    );
    expect(report).toEqual({ surprises: [], unseen: [] });
  }, 240_000);
});
