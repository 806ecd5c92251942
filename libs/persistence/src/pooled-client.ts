import type { ClientConfig } from 'pg';
import { Client } from 'pg';

/**
 * A connection that may be lost at any moment without ending the process. pg-pool takes its listener away when
 * it hands a connection out, and TypeORM puts its own up a moment later: a server that goes away right after a
 * handshake is told of in the same read, in between, where an `error` that nobody listens to is an uncaught
 * exception. Whoever asks on such a connection is told; the pool drops it.
 */
export class PooledClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
