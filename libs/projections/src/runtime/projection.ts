import type { EventHandler } from '@app/subscriptions';

/**
 * A handler that only derives rows from events, so that it may be replayed at any time. Neither
 * the relay nor a subscriber is one: no replay can send a message or cause an effect.
 */
export interface Projection extends EventHandler {
  readonly kind: 'projection';
}
