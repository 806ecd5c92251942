import { counter } from '@app/observability';

/** Events that a handler, by the name of its checkpoint, has dealt with. */
export const eventsHandled = counter({
  name: 'postbreeze_events_handled_total',
  help: 'Events that a handler has dealt with, its checkpoint included.',
  labels: ['handler'],
});

export const subscriptionDrops = counter({
  name: 'postbreeze_subscription_drops_total',
  help: 'Subscriptions of a handler that the event store has ended, or that broke; each begins anew.',
  labels: ['handler'],
});

export const handlerRestarts = counter({
  name: 'postbreeze_handler_restarts_total',
  help: 'How often a handler began again from its checkpoint, after a drop or after any other failure.',
  labels: ['handler'],
});
