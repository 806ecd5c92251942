import type { ClientConfig } from 'pg';
import { Client } from 'pg';

/**
 * A connection that may be lost at any moment without ending the process: whoever asks on it is told, and a pool
 * drops it. In a pool it needs a listener of its own, from its beginning: pg-pool takes its listener away when
 * it hands a connection out, and TypeORM puts its own up a moment later: a server that goes away right after a
 * handshake is told of in the same read, in between, where an `error` that nobody listens to is an uncaught
 * exception.
 */
export class LosableClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
