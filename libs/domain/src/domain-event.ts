import type { ChannelEvent } from './channel/channel-events';
import { channelEventTypes } from './channel/channel-events';
import type { DisconnectionEvent } from './disconnection/disconnection-events';
import { disconnectionEventTypes } from './disconnection/disconnection-events';

/** Every fact that this service ever records. */
export type DomainEvent = ChannelEvent | DisconnectionEvent;
export type DomainEventType = DomainEvent['type'];

/** All event types: codec, relay and projections are held to be total over this list. */
export const domainEventTypes: readonly DomainEventType[] = [
  ...channelEventTypes,
  ...disconnectionEventTypes,
];

/** Ends an exhaustive switch: a type that reached this point would be lost silently. */
export function assertNever(value: never): never {
  throw new Error(`Unknown case: ${JSON.stringify(value)}`);
}
