import { randomUUID } from 'node:crypto';
import {
  NO_STREAM,
  type AppendExpectedRevision,
  type AppendResult,
  type EventData,
} from '@eventstore/db-client';
import { collect, numberOf, type SharedServer } from './server';

/**
 * With credentials of its own a call is appended by the unary RPC, without by the batch RPC. Over
 * plain text they are never sent; with TLS these are the real server's own at its first start.
 */
export const waysToAppend = [
  ['batch', {}],
  ['unary', { credentials: { username: 'admin', password: 'changeit' } }],
] as const;

type Call = (typeof waysToAppend)[number][1];

/** Appending and reading back in one of the two ways, on streams that nobody else has. */
export function appender(server: SharedServer, call: Call) {
  const append = (
    stream: string,
    events: EventData | EventData[],
    expectedRevision: AppendExpectedRevision,
  ): Promise<AppendResult> =>
    server.client.appendToStream(stream, events, { ...call, expectedRevision });

  return {
    append,
    /** A new stream, which holds these events already. */
    streamOf: async (events: EventData[]): Promise<string> => {
      const stream = `contract-${randomUUID()}`;
      if (events.length > 0) await append(stream, events, NO_STREAM);
      return stream;
    },
    /** The numbers that the events of a stream carry, in order. */
    numbersIn: async (stream: string): Promise<number[]> =>
      (await collect(server.client.readStream(stream))).map(numberOf),
  };
}
