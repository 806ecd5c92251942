import type { Settings } from '@app/config';
import { channelStream } from '@app/event-store';
import { listLost, recovering } from '@app/operations';
import { aContext, connected, useTestBed } from '@app/testing';

const bed = useTestBed();
let settings: Settings;
beforeAll(async () => {
  settings = await bed.settings('ops events');
});

it('records nothing in an event store that is not ours, unless it is meant', async () => {
  const [dataSource, events] = [await bed.dataSource(), await bed.eventStore()];
  const [ours, others] = [connected(), connected()];
  const { channelId, workspaceId, platform, externalId, grantRef } = ours.data;
  await dataSource.query(
    `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
     VALUES ($1, $2, $3, $4, $5, 'live')`,
    [channelId, workspaceId, platform, externalId, grantRef],
  );
  await events.append(channelStream(others.data.channelId), 'no_stream', [others], aContext());

  const lost = [{ channelId, workspaceId, lost: ['ChannelConnected'] }];
  expect(await listLost(settings)).toEqual(lost);
  const mandate = { actor: 'tests', reason: 'the wrong store' };
  const another = /^This event store knows none of our oldest channels: .*EVENTSTORE_URL/;
  await expect(recovering(settings).preview()).rejects.toThrow(another);
  await expect(recovering(settings).apply(mandate)).rejects.toThrow(another);
  expect(await events.read(channelStream(channelId))).toEqual([]);

  const meant = recovering(settings, { intoEmpty: true });
  expect(await meant.preview()).toEqual([`record of ${channelId} again: ChannelConnected`]);
  expect(await meant.apply(mandate)).toEqual({ channels: 1, events: 1, steppedBack: [] });
  const [event, ...more] = await events.read(channelStream(channelId));
  expect([event!.event.data, more]).toMatchObject([{ externalId, handle: externalId }, []]);
  const [audited]: { arguments: object }[] = await dataSource.query(
    `SELECT arguments FROM audit.operator_actions WHERE phase = 'succeeded'`,
  );
  const { correlationId, actor } = event!.metadata;
  expect([audited!.arguments, actor]).toEqual([{ intoEmpty: true, correlationId }, 'ops']);

  expect(await listLost(settings)).toEqual([]);
  // It knows one by now.
  expect(await recovering(settings).preview()).toEqual([]);
});
