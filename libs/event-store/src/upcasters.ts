import type { DomainEventType } from '@app/domain';

/** What an event tells, as it stands in the store. */
export type EventData = Readonly<Record<string, unknown>>;

/**
 * Makes the data of one version into that of the next. It only knows what the event itself says: no
 * clock, no chance, no other event, so that a replay gives the same for ever.
 */
export type Upcaster = (data: EventData) => EventData;

/**
 * For each type its steps: the first from version 1 to 2, and so on. A type is written in the
 * version that its last step leads to, and read in that one and all before it.
 */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/**
 * Nothing has been released in another version than the first. To change what an event tells:
 * change its type in the domain, add the step here, and add `goldens/<Type>.v<N>.json` beside those
 * that are there, which stay as they are.
 */
export const upcasters = {
  ChannelConnected: [],
  ChannelReauthorized: [],
  ChannelTokenRefreshed: [],
  ChannelTokenRefreshFailed: [],
  ChannelAccessRevoked: [],
  ChannelDisconnected: [],
  ConnectAbandoned: [],
  EffectFinished: [],
  EffectParked: [],
  DisconnectionOverdue: [],
  DisconnectionCompleted: [],
} as const satisfies Record<DomainEventType, readonly Upcaster[]>;
