import type { ClientConfig } from 'pg';
import { LosableClient } from './losable-client';

/** What pg says when `query_timeout` has passed; it gives the error no code. */
export const readTimeout = 'Query read timeout';

/**
 * A connection that is given up with the query that was never answered. pg itself keeps it and
 * queues the next query behind the lost one: after a network that swallowed packets, every
 * connection of the pool would stay like that for hours, until TCP finds out.
 */
export class ImpatientClient extends LosableClient {
  constructor(config?: ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    const impatient = (...args: unknown[]): unknown => {
      const answer = query(...args);
      if (answer instanceof Promise) answer.catch((error: Error) => this.giveUpAfter(error));
      return answer;
    };
    this.query = impatient as typeof this.query;
  }

  private giveUpAfter({ message }: Error): void {
    // With a query still under way it destroys the socket, and the pool drops the connection.
    if (message === readTimeout) void this.end();
  }
}
