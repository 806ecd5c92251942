import { randomUUID } from 'node:crypto';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { decodeStoredEvent, encodeStoredEvent, recordEvent } from './stored-event';

describe('a stored event', () => {
  const proposed = {
    id: randomUUID(),
    type: 'Ünïcode-happened',
    contentType: 'application/json',
    data: Buffer.from('{"n":1}'),
    customMetadata: Buffer.from('{"by":"me"}'),
  };
  const created = Date.parse('2026-11-25T10:00:00.123Z');
  const event = recordEvent(proposed, {
    stream: 'ström-1',
    revision: 7,
    position: 2 ** 40,
    created,
  });

  it('comes back from disk as it was', () => {
    expect(decodeStoredEvent(event.position, encodeStoredEvent(event))).toEqual(event);
  });

  it('is recorded as the protocol says', () => {
    const recorded = ReadResp.ReadEvent.RecordedEvent.deserializeBinary(event.recorded);
    expect(recorded.getId()?.getString()).toBe(proposed.id);
    expect(Buffer.from(recorded.getStreamIdentifier()!.getStreamName_asU8()).toString()).toBe(
      'ström-1',
    );
    expect(recorded.getStreamRevision()).toBe('7');
    expect(recorded.getCommitPosition()).toBe('1099511627776');
    expect(recorded.getPreparePosition()).toBe('1099511627776');
    expect(Object.fromEntries(recorded.getMetadataMap().toObject())).toEqual({
      type: 'Ünïcode-happened',
      'content-type': 'application/json',
      created: `${created}0000`,
    });
    expect(Buffer.from(recorded.getData_asU8()).toString()).toBe('{"n":1}');
    expect(Buffer.from(recorded.getCustomMetadata_asU8()).toString()).toBe('{"by":"me"}');
  });
});
