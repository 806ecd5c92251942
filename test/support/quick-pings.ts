/**
 * For an event store's URL: how soon its client finds out that a connection is dead. By default it
 * takes 20 s, as `silent-link.spec.ts` shows; nobody else needs to wait that long. The timeout is
 * longer than the 2 s in which callers have their answer: what answers them isn't the pings.
 */
export const quickPings = 'keepAliveInterval=500&keepAliveTimeout=2500';
