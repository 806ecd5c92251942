import { randomUUID } from 'node:crypto';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { Recorder } from './recorder';
import { StoredEvent } from './stored-event';
import { LONG_MAX, TOMBSTONE } from './system-streams';

const { RecordedEvent } = ReadResp.ReadEvent;

describe('a stored event', () => {
  const proposed = {
    id: randomUUID(),
    type: 'Ünïcode-happened',
    contentType: 'application/json',
    data: Buffer.from('{"n":1}'),
    customMetadata: Buffer.from('{"by":"me"}'),
  };
  const created = Date.parse('2026-11-25T10:00:00.123Z');
  const event = new Recorder(created).record(proposed, {
    stream: 'ström-1',
    revision: 7,
    position: 2 ** 40,
  });

  it('comes back from disk as it was', () => {
    const { id, type, stream, revision, recorded } = new StoredEvent(event.position, event.bytes);
    expect({ id, type, stream, revision }).toEqual({
      ...{ id: proposed.id, type: 'Ünïcode-happened' },
      ...{ stream: 'ström-1', revision: 7 },
    });
    expect(event.bytes.subarray(-recorded.length).equals(recorded)).toBe(true);
  });

  it('is refused when its parts do not fit', () => {
    for (const length of [0, 8, 25, 30, event.recordedAt - 1]) {
      expect(() => StoredEvent.read(1, event.bytes.subarray(0, length))).toThrow();
    }
    expect(StoredEvent.read(1, event.bytes.subarray(0, event.recordedAt)).recorded).toHaveLength(0);
  });

  it('is recorded as the protocol says', () => {
    const recorded = RecordedEvent.deserializeBinary(event.recorded);
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

  const long = 'ä'.repeat(9_000);
  it.each<
    [string, Partial<typeof proposed>, { revision?: number; stream?: string; position?: number }]
  >([
    ['with all its parts', {}, {}],
    ['at the very beginning', {}, { revision: 0, position: 1 }],
    ['without payloads', { data: Buffer.alloc(0), customMetadata: Buffer.alloc(0) }, {}],
    ['of the largest size', { data: Buffer.alloc(2 ** 20, 1) }, { revision: 2 ** 33 }],
    ['with long names', { type: long, contentType: long }, { stream: 'ö'.repeat(980) }],
    ['that is a tombstone', {}, { revision: TOMBSTONE }],
    ['at the largest position', {}, { position: Number.MAX_SAFE_INTEGER }],
  ])('is what the generated code would write: %s', (_name, changed, place) => {
    const stands = { stream: 's', revision: 127, position: 2 ** 31, ...place };
    const { recorded } = new Recorder(created).record({ ...proposed, ...changed }, stands);
    const again = RecordedEvent.deserializeBinary(recorded);
    expect(recorded.equals(Buffer.from(again.serializeBinary()))).toBe(true);
    expect(again.getStreamRevision()).toBe(
      stands.revision === TOMBSTONE ? LONG_MAX : String(stands.revision),
    );
    expect(again.getCommitPosition()).toBe(String(stands.position));
  });

  it('says of itself what it has in common with those before it, and what not', () => {
    const recorder = new Recorder(created);
    const events = [
      recorder.record(proposed, { stream: 'one', revision: 0, position: 1 }),
      recorder.record(proposed, { stream: 'two', revision: 5, position: 900 }),
      recorder.record(
        { ...proposed, id: randomUUID(), contentType: 'text/plain' },
        { stream: 'one', revision: 1, position: 1_800 },
      ),
      recorder.record(
        { ...proposed, type: 'Other' },
        { stream: 'one', revision: 2, position: 2_700 },
      ),
    ];
    const alone = events.map(({ id, type, stream, revision, position }, n) =>
      new Recorder(created).record(
        { ...proposed, id, type, contentType: n === 2 ? 'text/plain' : proposed.contentType },
        { stream, revision, position },
      ),
    );
    expect(events.map(({ type, stream }) => [type, stream])).toEqual([
      [proposed.type, 'one'],
      [proposed.type, 'two'],
      [proposed.type, 'one'],
      ['Other', 'one'],
    ]);
    expect(events).toEqual(alone);
  });
});
