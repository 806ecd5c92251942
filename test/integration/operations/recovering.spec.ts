import { randomUUID } from 'node:crypto';
import type { Settings } from '@app/config';
import type { ChannelDisconnected } from '@app/domain';
import { effectNames, planDisconnection } from '@app/domain';
import { channelStream, EventStore } from '@app/event-store';
import { databasePlace, eventStoreHosts, listLost, recovering, replaying } from '@app/operations';
import { CheckpointStore } from '@app/persistence';
import { Registry } from '@app/registry';
import { aContext, connected, requestedAt, useTestBed } from '@app/testing';

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
  const host = new URL(settings.eventstoreUrl).host;
  const database = databasePlace(settings);
  const last = (await events.lastEvent())!.recordedAt.toISOString();
  expect(await meant.preview()).toEqual([
    `record 1 events of 1 channels again at ${host} (the last event of ours is of ${last}), ` +
      `as the database ${database} knows them`,
    `record of ${channelId} again: ChannelConnected`,
  ]);
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
  expect(await recovering(settings).preview()).toEqual([
    expect.stringContaining('record 0 events of 0 channels'),
  ]);
});

it.each([
  ['esdb://localhost:2113?tls=false', 'localhost:2113'],
  ['esdb://admin:p://w@?d@one:2113,two:2113/?tls=true', 'one:2113,two:2113'],
])('names where it records, and nothing else of %s', (eventstoreUrl, hosts) => {
  expect(eventStoreHosts({ ...settings, eventstoreUrl })).toBe(hosts);
});

it.each([
  ['postgres://ops:pa$s@db.internal:5433/channels?sslmode=require', 'db.internal:5433/channels'],
  ['postgresql:///channels?host=/run/postgresql', '/channels'],
])('names who knows it, and nothing else of %s', (databaseUrl, place) => {
  expect(databasePlace({ ...settings, databaseUrl })).toBe(place);
});

it('plans a disconnect that is lost before any reader saw it: each effect, by the deadline that was read', async () => {
  const withdrawing = await bed.settings('ops events', { REVOKED_GRANTS: 'x' });
  const [dataSource, events] = [await bed.dataSource(), await bed.eventStore()];
  const start = connected({ platform: 'X' });
  const { channelId, workspaceId, platform, externalId, grantRef } = start.data;
  await events.append(channelStream(channelId), 'no_stream', [start], aContext());
  await dataSource.query(
    `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
     VALUES ($1, $2, $3, $4, $5, 'live')`,
    [channelId, workspaceId, platform, externalId, grantRef],
  );
  await new Registry().recordEnding(dataSource.manager, channelId, 'disconnected', requestedAt);
  // The reconciler had come to it, of an api with another setting than this one.
  const promised = planDisconnection(requestedAt, 12, effectNames);
  await dataSource.query(
    `INSERT INTO effects.disconnections (channel_id, requested_at, deadline) VALUES ($1, $2, $3)`,
    [channelId, requestedAt, promised[0]!.deadline],
  );

  await recovering(withdrawing).apply({ actor: 'tests', reason: 'an older store' });
  const end = (await events.readLast(channelStream(channelId)))!.event as ChannelDisconnected;
  expect(end.data.plan).toEqual(promised);
});

it('says what to do when somebody else appends meanwhile', async () => {
  const dataSource = await bed.dataSource();
  const start = connected();
  const { channelId, workspaceId, platform, externalId, grantRef } = start.data;
  await dataSource.query(
    `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
     VALUES ($1, $2, $3, $4, $5, 'live')`,
    [channelId, workspaceId, platform, externalId, grantRef],
  );
  const events = await bed.eventStore();
  const append = jest.spyOn(EventStore.prototype, 'append');
  append.mockImplementationOnce(async (stream, expected, lost, context) => {
    await events.append(stream, expected, [start], aContext());
    return events.append(stream, expected, lost, context);
  });
  const mandate = { actor: 'tests', reason: 'an older store' };
  await expect(recovering(settings, { intoEmpty: true }).apply(mandate)).rejects.toThrow(
    `Somebody else appends to channel-${channelId}: stop every role, then enter this again`,
  );
  append.mockRestore();
  expect(await recovering(settings).apply(mandate)).toMatchObject({ channels: 0 });
});

it('is what a replay from another history waits for, whoever has gone on', async () => {
  const dataSource = await bed.dataSource();
  const checkpoints = new CheckpointStore(dataSource);
  const { position, ...event } = (await (await bed.eventStore()).lastEvent())!;
  const stand = (name: string, id: string, recordedAt = event.recordedAt): Promise<void> =>
    dataSource.transaction(async (manager) => {
      const next = { position, event: { id, position, recordedAt } };
      await checkpoints.save(manager, name, await checkpoints.load(name, manager), next);
    });
  const replay = replaying(settings, 'channels', {
    ...{ show: true, anotherHistory: true, onProgress: () => undefined },
    signal: new AbortController().signal,
  });
  const tooSoon = 'ops events recover';

  await stand('registrar', event.id);
  await stand('channels@1', randomUUID(), new Date(event.recordedAt.getTime() + 1));
  await expect(replay.preview()).rejects.toThrow(tooSoon);
  // Another one lagged behind, had its event in the backup, and has gone on since in what was restored.
  await stand('relay', event.id, new Date(event.recordedAt.getTime() + 2));
  await expect(replay.preview()).rejects.toThrow(tooSoon);
  const mandate = { actor: 'tests', reason: 'an older store' };
  expect(await recovering(settings).apply(mandate)).toMatchObject({ steppedBack: [] });
  expect(await replay.preview()).toHaveLength(2);
  // Restored once more, to before what was recorded again.
  const ended = await checkpoints.load('recovery');
  await stand('recovery', randomUUID());
  await expect(replay.preview()).rejects.toThrow(tooSoon);
  await stand('recovery', ended!.event!.id);
  expect(await replay.preview()).toHaveLength(2);
  // And after it went on for a while.
  await stand('channels@1', randomUUID(), new Date(event.recordedAt.getTime() + 1));
  await expect(replay.preview()).rejects.toThrow(tooSoon);
});
