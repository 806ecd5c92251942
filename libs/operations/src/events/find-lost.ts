import type {
  ChannelDisconnected,
  ChannelEvent,
  ChannelId,
  DisconnectionEvent,
  DomainEvent,
  Receipt,
  WorkspaceId,
} from '@app/domain';
import { evolveDisconnection, openDisconnection } from '@app/domain';
import { asShown, retell, toldOf } from '@app/effects';
import type { ExpectedRevision, RecordedEvent } from '@app/event-store';
import { channelStream, disconnectionStream } from '@app/event-store';
import type { Stores } from '../with-stores';
import type { ClaimedChannel } from './known-channels';
import { claimedChannels, rowKnown } from './known-channels';
import type { PlanDefaults } from './lost-life';
import { lostEnd, lostLife } from './lost-life';

/** Events that a stream should have after its last one. */
export interface LostEvents {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly DomainEvent[];
}

/** A channel of which the database knows more than the event store. */
export interface LostFacts {
  readonly channelId: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly lost: readonly LostEvents[];
}

/**
 * Holds every channel that the registry knows against its two streams: whether it begins, whether it ends
 * where it was disconnected, and whether each outcome that was recorded stands there. It reads them all,
 * whenever they were made: nothing has to be known of when the backup was taken.
 *
 * @param defaults see `lostEnd`
 * @throws EventStoreUnavailable, UnknownEventType
 */
export async function* findLost(stores: Stores, defaults: PlanDefaults): AsyncGenerator<LostFacts> {
  for await (const page of claimedChannels(stores.dataSource)) {
    const found = await Promise.all(page.map((known) => lostOf(stores, known, defaults)));
    yield* found.filter(({ lost }) => lost.length > 0);
  }
}

/**
 * Whether the event store is ours at all, by the oldest channels there are: the last ones that a backup would lack.
 *
 * @returns true where there is no channel
 */
export async function knowsOldest({ dataSource, events }: Stores): Promise<boolean> {
  const { value: oldest } = await claimedChannels(dataSource).next();
  if (!oldest) return true;
  const lasts = oldest.map(({ channelId }) => events.readLast(channelStream(channelId)));
  return (await Promise.all(lasts)).some((last) => last !== undefined);
}

async function lostOf(
  stores: Stores,
  known: ClaimedChannel,
  defaults: PlanDefaults,
): Promise<LostFacts> {
  const { channelId, workspaceId } = known;
  if (known.endedAt !== null && (await isComplete(stores, channelId)))
    return { channelId, workspaceId, lost: [] };
  const last = await stores.events.readLast(channelStream(channelId));
  const channel = await lostOfChannel(stores, known, last, defaults);
  const end = [...channel, ...(last ? [last.event] : [])].find(isDisconnect);
  const lost = [
    { stream: channelStream(channelId), expected: after(last), events: channel },
    ...(end ? [await lostOfDisconnection(stores, end, known.receipt)] : []),
  ];
  return { channelId, workspaceId, lost: lost.filter(({ events }) => events.length > 0) };
}

/**
 * Most of the channels that have ended, and one read for each: a backup has whatever came before the events
 * that it has, and a disconnection is complete after everything else.
 */
async function isComplete({ events }: Stores, channelId: ChannelId): Promise<boolean> {
  const last = await events.readLast(disconnectionStream(channelId));
  return last?.event.type === 'DisconnectionCompleted';
}

async function lostOfChannel(
  { dataSource }: Stores,
  known: ClaimedChannel,
  last: RecordedEvent | undefined,
  defaults: PlanDefaults,
): Promise<ChannelEvent[]> {
  // Both ends are final.
  if (last?.event.type === 'ConnectAbandoned' || (last && isDisconnect(last.event))) return [];
  const { endedAt } = known;
  const whole = { ...known, row: last ? null : await rowKnown(dataSource, known.channelId) };
  return [
    ...(last ? [] : lostLife(whole)),
    ...(endedAt === null ? [] : [lostEnd(whole, endedAt, defaults)]),
  ];
}

async function lostOfDisconnection(
  { dataSource, events: store }: Stores,
  { data }: ChannelDisconnected,
  receipt: Receipt | null,
): Promise<LostEvents> {
  const stream = disconnectionStream(data.channelId);
  // First, so that the stream has whatever is told meanwhile.
  const told = asShown(await toldOf(dataSource.manager, data.channelId), receipt);
  const recorded = await store.read(stream);
  const disconnection = recorded.reduce(
    (state, { event }) => evolveDisconnection(state, event as DisconnectionEvent),
    openDisconnection,
  );
  const events = retell(disconnection, data, told);
  return { stream, expected: after(recorded.at(-1)), events };
}

function after(last: RecordedEvent | undefined): ExpectedRevision {
  return last?.revision ?? 'no_stream';
}

function isDisconnect(event: DomainEvent): event is ChannelDisconnected {
  return event.type === 'ChannelDisconnected';
}
