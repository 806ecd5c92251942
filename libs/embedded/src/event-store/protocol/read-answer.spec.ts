import { randomUUID } from 'node:crypto';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { recordEvent } from '../store/stored-event';
import { encodeEvent } from './read-answer';

describe('the answer that carries an event', () => {
  // Lengths and positions on both sides of where a varint takes another byte.
  it.each([
    [0, 1],
    [20, 127],
    [100, 128],
    [16_000, 2 ** 31],
    [16_384, 2 ** 32 + 1],
    [1_000_000, Number.MAX_SAFE_INTEGER],
  ])('is what the generated code would write (%d bytes at %d)', (size, position) => {
    const event = recordEvent(
      {
        id: randomUUID(),
        type: 'T',
        contentType: 'application/octet-stream',
        data: Buffer.alloc(size, 7),
        customMetadata: Buffer.alloc(0),
      },
      { stream: 's', revision: 3, position, created: 0 },
    );
    const generated = new ReadResp().setEvent(
      new ReadResp.ReadEvent()
        .setEvent(ReadResp.ReadEvent.RecordedEvent.deserializeBinary(event.recorded))
        .setCommitPosition(String(position)),
    );
    expect(encodeEvent(event).equals(Buffer.from(generated.serializeBinary()))).toBe(true);
  });
});
