import type { Channel, ChannelEvent, DomainEvent } from '@app/domain';
import {
  connect,
  disconnect,
  DomainError,
  evolveChannel,
  planDisconnection,
  unbornChannel,
} from '@app/domain';
import {
  channelStream,
  decideAndAppend,
  EventStore,
  EventStoreUnavailable,
  loadState,
  WrongExpectedRevision,
} from '@app/event-store';
import { aChannelId, aContext, connected, requestedAt, useTestBed, waitFor } from '@app/testing';

const folding = { initial: unbornChannel, evolve: evolveChannel };
const plan = planDisconnection(requestedAt, 20);
const disconnectBy = (actor: string) => (channel: Channel) =>
  disconnect(channel, { now: requestedAt, actor, reason: 'USER_REQUEST', plan });

describe('deciding and appending', () => {
  const bed = useTestBed();
  let store: EventStore;
  beforeAll(async () => {
    store = await bed.eventStore();
  });

  const decide = (
    stream: string,
    decision: (channel: Channel) => readonly ChannelEvent[],
    by: EventStore = store,
  ) => decideAndAppend<Channel, ChannelEvent>(by, stream, folding, decision, aContext());
  const typesIn = async (stream: string): Promise<string[]> =>
    (await store.read(stream)).map(({ event }) => event.type);

  it('begins a stream, and goes on in it', async () => {
    const start = connected();
    const stream = channelStream(start.data.channelId);
    const first = await decide(stream, (channel) => connect(channel, start.data));
    expect(first).toMatchObject({ revision: 0, appended: [start], state: { kind: 'LIVE' } });
    const second = await decide(stream, disconnectBy('usr_1'));
    expect(second).toMatchObject({ revision: 1, state: { kind: 'DISCONNECTED' } });
    expect(await loadState(store, stream, folding)).toEqual({
      state: second.state,
      revision: 1,
    });
  });

  it('appends nothing when nothing was decided, and answers what stands', async () => {
    const start = connected();
    const stream = channelStream(start.data.channelId);
    await decide(stream, (channel) => connect(channel, start.data));
    await decide(stream, disconnectBy('usr_1'));
    const again = await decide(stream, disconnectBy('usr_2'));
    expect(again).toMatchObject({ revision: 1, appended: [], state: { kind: 'DISCONNECTED' } });
    expect(again.state).toMatchObject({ end: { requestedBy: 'usr_1' } });
  });

  it('lets one of many at the same time win, through however many clients', async () => {
    const start = connected();
    const stream = channelStream(start.data.channelId);
    await decide(stream, (channel) => connect(channel, start.data));
    const clients = await Promise.all([bed.eventStore(), bed.eventStore(), bed.eventStore()]);
    const rivals = Array.from({ length: 12 }, (_, index) =>
      decide(stream, disconnectBy(`usr_${index}`), clients[index % clients.length]),
    );
    const answers = await Promise.all(rivals);
    expect(answers.filter(({ appended }) => appended.length > 0)).toHaveLength(1);
    expect(new Set(answers.map(({ state }) => JSON.stringify(state))).size).toBe(1);
    expect(await typesIn(stream)).toEqual(['ChannelConnected', 'ChannelDisconnected']);
  });

  it('decides again on what somebody else appended meanwhile', async () => {
    const start = connected();
    const stream = channelStream(start.data.channelId);
    await decide(stream, (channel) => connect(channel, start.data));
    const seen: string[] = [];
    // The first append of this client comes after a rival's.
    const late = new (class extends EventStore {
      override async append(...it: Parameters<EventStore['append']>) {
        if (seen.length === 1) await decide(stream, disconnectBy('usr_rival'));
        return super.append(...it);
      }
    })((await bed.eventStoreEngine()).url, 5_000);
    bed.atEnd(() => late.close());
    const decision = (channel: Channel) => {
      seen.push(channel.kind);
      return disconnectBy('usr_late')(channel);
    };
    const { state, appended } = await decide(stream, decision, late);
    expect(seen).toEqual(['LIVE', 'DISCONNECTED']);
    expect(appended).toEqual([]);
    expect(state).toMatchObject({ end: { requestedBy: 'usr_rival' } });
  });

  it('gives up after six lost races, and has appended nothing', async () => {
    const stream = channelStream(aChannelId());
    let races = 0;
    const unlucky = new (class extends EventStore {
      override append(): ReturnType<EventStore['append']> {
        races++;
        return Promise.reject(new WrongExpectedRevision(stream));
      }
    })((await bed.eventStoreEngine()).url, 5_000);
    bed.atEnd(() => unlucky.close());
    const losing = decide(stream, (channel) => connect(channel, connected().data), unlucky);
    await expect(losing).rejects.toThrow(WrongExpectedRevision);
    expect(races).toBe(6);
    expect(await store.readLast(stream)).toBeUndefined();
  });

  it('lets a refusal through as it is, and has appended nothing', async () => {
    const stream = channelStream(aChannelId());
    await expect(decide(stream, disconnectBy('usr_1'))).rejects.toThrow(DomainError);
    expect(await typesIn(stream)).toEqual([]);
  });

  it('remembers who and what caused an event, and in which version it was written', async () => {
    const start = connected();
    const stream = channelStream(start.data.channelId);
    const context = aContext();
    await store.append(stream, 'no_stream', [start], context);
    const last = await store.readLast(stream);
    expect(last).toMatchObject({
      stream,
      revision: 0,
      event: start,
      metadata: { ...context, schemaVersion: 1 },
    });
  });
});

describe('a store that is away', () => {
  const bed = useTestBed();

  it('is said to be away in time, and whether it may have been done', async () => {
    const engine = await bed.eventStoreEngine();
    const store = await bed.eventStore({ timeoutMs: 400 });
    const events: DomainEvent[] = [connected()];
    const stream = channelStream(aChannelId());
    // Its first connection may take longer than that.
    await waitFor(() => store.ping().then(() => true));
    engine.kill();
    await engine.exited;
    const appending = store.append(stream, 'no_stream', events, aContext());
    await expect(appending).rejects.toMatchObject({ mayHaveAppended: true });
    await expect(appending).rejects.toThrow(EventStoreUnavailable);
    await expect(store.readLast(stream)).rejects.toThrow(EventStoreUnavailable);
  });
});
