import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';

/** The stream that holds half of the history. */
export const longStream = 'channel-long';
/** What a catch-up reads; a tenth of the other half is of somebody else. */
export const prefixes = ['channel-', 'disconnection-'];

/** @param {number} n of the history @param {number} count of the whole */
export function streamOf(n, count) {
  if (n < count / 2) return longStream;
  return `${n % 10 === 9 ? 'elsewhere' : 'channel'}-soc_${String(Math.floor(n / 10)).padStart(8, '0')}`;
}

export const isOurs = (stream) => prefixes.some((prefix) => stream.startsWith(prefix));

/** Events like a channel's: about 450 bytes as a reader gets them. */
export function anEvent(n) {
  return jsonEvent({
    id: randomUUID(),
    type: n % 2 === 0 ? 'ChannelConnected' : 'ChannelProfileChanged',
    data: {
      channelId: `soc_${n}`,
      workspaceId: 'ws_1',
      handle: `@someone-${n}`,
      note: 'x'.repeat(n % 97),
    },
    metadata: { schemaVersion: 1, correlationId: 'bench', causationId: 'bench', actor: 'bench' },
  });
}

/** The same as the store takes it. */
export function proposed(n) {
  const { id, type, contentType, data, metadata } = anEvent(n);
  return {
    ...{ id, type, contentType },
    data: Buffer.from(JSON.stringify(data)),
    customMetadata: Buffer.from(JSON.stringify(metadata)),
  };
}
