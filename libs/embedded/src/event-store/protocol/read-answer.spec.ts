import { randomUUID } from 'node:crypto';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { Recorder } from '../store/recorder';
import type { StoredEvent } from '../store/stored-event';
import { encodeEvent, encodeResolved } from './read-answer';

const { RecordedEvent } = ReadResp.ReadEvent;

function event(size: number, position: number): StoredEvent {
  return new Recorder(1).record(
    {
      id: randomUUID(),
      type: 'T',
      contentType: 'application/octet-stream',
      data: Buffer.alloc(size, 7),
      customMetadata: Buffer.alloc(0),
    },
    { stream: 's', revision: 3, position },
  );
}

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
    const stored = event(size, position);
    const generated = new ReadResp().setEvent(
      new ReadResp.ReadEvent()
        .setEvent(RecordedEvent.deserializeBinary(stored.recorded))
        .setCommitPosition(String(position)),
    );
    expect(encodeEvent(stored).equals(Buffer.from(generated.serializeBinary()))).toBe(true);
  });

  it.each([
    ['leads to an event', event(300, 5)],
    ['leads nowhere', undefined],
  ])('is that also for a link that %s', (_name, target) => {
    const link = event(20, 2 ** 33);
    const generated = new ReadResp.ReadEvent()
      .setLink(RecordedEvent.deserializeBinary(link.recorded))
      .setCommitPosition(String(link.position));
    if (target) generated.setEvent(RecordedEvent.deserializeBinary(target.recorded));
    const bytes = Buffer.from(new ReadResp().setEvent(generated).serializeBinary());
    expect(encodeResolved({ event: target, link }).equals(bytes)).toBe(true);
  });
});
