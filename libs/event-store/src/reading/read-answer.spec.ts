import { randomUUID } from 'node:crypto';
import { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { decodeReadAnswer } from './read-answer';
import { MalformedMessage } from '@app/protobuf';

const { RecordedEvent } = ReadResp.ReadEvent;

interface Given {
  readonly id: UUID;
  readonly stream: string;
  readonly type: string;
  readonly position: bigint;
  readonly data: Buffer;
}

const someId = '0b9e6f7e-3f1c-4a51-9c55-6a0d1f0c9a11';
const given = (changed: Partial<Given> = {}): Given => ({
  id: new UUID().setString(someId),
  stream: 'channel-soc_1',
  type: 'ChannelConnected',
  position: 42n,
  data: Buffer.from('{"a":1}'),
  ...changed,
});

/** As the client's generated code writes what a server sends. */
function readResp({ id, stream, type, position, data }: Given): ReadResp {
  const recorded = new RecordedEvent()
    .setId(id)
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)))
    .setStreamRevision('3')
    .setPreparePosition(String(position - 1n))
    .setCommitPosition(String(position))
    .setCustomMetadata(Buffer.from('{"schemaVersion":1}'))
    .setData(data);
  recorded
    .getMetadataMap()
    .set('type', type)
    .set('content-type', 'application/json')
    .set('created', '17641662279999999');
  const event = new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(position));
  return new ReadResp().setEvent(event);
}

const bytesOf = (message: ReadResp): Buffer => Buffer.from(message.serializeBinary());
const decoded = (changed?: Partial<Given>) => decodeReadAnswer(bytesOf(readResp(given(changed))));

describe('the message that carries an event', () => {
  it('is decoded whole', () => {
    expect(decoded()).toEqual({
      event: {
        id: someId,
        stream: 'channel-soc_1',
        revision: 3,
        position: { commit: 42n, prepare: 41n },
        // The last of this millisecond's ticks: a double would round them up.
        recordedAt: new Date(1_764_166_227_999),
        type: 'ChannelConnected',
        data: '{"a":1}',
        metadata: '{"schemaVersion":1}',
      },
      checkpoint: undefined,
      size: bytesOf(readResp(given())).length,
    });
  });

  it.each([
    1n,
    127n,
    128n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n + 1n,
    2n ** 63n + 5n,
    2n ** 64n - 1n,
  ])('keeps its position exactly: %d', (position) => {
    expect(decoded({ position }).event?.position).toEqual({
      commit: position,
      prepare: position - 1n,
    });
  });

  it('is read however large it is, and in any script', () => {
    const data = JSON.stringify({ text: 'ö漢🙂'.repeat(100_000) });
    const { event } = decoded({ data: Buffer.from(data), stream: 'channel-ö漢🙂' });
    expect(event?.data === data).toBe(true);
    expect(event?.stream).toBe('channel-ö漢🙂');
  });

  it('may name its id by two halves', () => {
    const id = 'ffeeddcc-bbaa-4998-8776-655443322110';
    const [most, least] = [BigInt('0xffeeddccbbaa4998'), BigInt('0x8776655443322110')];
    const structured = new UUID.Structured()
      .setMostSignificantBits(String(BigInt.asIntN(64, most)))
      .setLeastSignificantBits(String(BigInt.asIntN(64, least)));
    expect(decoded({ id: new UUID().setStructured(structured) }).event?.id).toBe(id);
  });

  it('has an empty value for what the server leaves out', () => {
    const bare = new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(new RecordedEvent()));
    expect(decodeReadAnswer(bytesOf(bare)).event).toEqual({
      ...{ id: '', stream: '', revision: 0, type: '', recordedAt: new Date(0) },
      ...{
        position: { commit: 0n, prepare: 0n },
        data: '',
        metadata: '',
      },
    });
  });
});

describe('the other messages', () => {
  it('a checkpoint is a place', () => {
    const checkpoint = new ReadResp.Checkpoint().setCommitPosition('7').setPreparePosition('6');
    expect(decodeReadAnswer(bytesOf(new ReadResp().setCheckpoint(checkpoint)))).toMatchObject({
      event: undefined,
      checkpoint: { commit: 7n, prepare: 6n },
    });
  });

  const others = {
    confirmation: new ReadResp().setConfirmation(
      new ReadResp.SubscriptionConfirmation().setSubscriptionId(randomUUID()),
    ),
    'caught up': new ReadResp().setCaughtUp(new ReadResp.CaughtUp()),
    'fell behind': new ReadResp().setFellBehind(new ReadResp.FellBehind()),
    'first position': new ReadResp().setFirstStreamPosition('5'),
    nothing: new ReadResp(),
  };
  it.each(Object.entries(others))('tells of neither: %s', (_, message) => {
    const { event, checkpoint } = decodeReadAnswer(bytesOf(message));
    expect([event, checkpoint]).toEqual([undefined, undefined]);
  });
});

describe('what a later or a broken server sends', () => {
  /** One more field of each kind: number 90, then its value. */
  const unknown = Buffer.from([
    ...[0xd0, 0x05, 0x80, 0x01],
    ...[0xd1, 0x05, 1, 2, 3, 4, 5, 6, 7, 8],
    ...[0xd2, 0x05, 2, 0xff, 0xff],
    ...[0xd5, 0x05, 1, 2, 3, 4],
  ]);
  const field = (number: number, bytes: Uint8Array): Buffer => {
    const length = bytes.length;
    return Buffer.concat([Buffer.from([number * 8 + 2, (length % 128) | 128, length >> 7]), bytes]);
  };

  it('unknown fields are passed over, at every depth', () => {
    const message = readResp(given()).getEvent()!;
    const recorded = Buffer.concat([unknown, message.getEvent()!.serializeBinary(), unknown]);
    const event = Buffer.concat([unknown, field(1, recorded), unknown]);
    const bytes = Buffer.concat([unknown, field(1, event), unknown]);
    expect(decodeReadAnswer(bytes).event).toMatchObject({
      ...{ id: someId, stream: 'channel-soc_1', type: 'ChannelConnected', revision: 3 },
      data: '{"a":1}',
    });
  });

  it('a message that is broken off is refused, wherever it is', () => {
    const bytes = bytesOf(readResp(given()));
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeReadAnswer(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
  });

  it('a length that leaves its message is refused', () => {
    // The event says that it is longer than what it stands in.
    expect(() => decodeReadAnswer(Buffer.from([10, 2, 10, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0]))).toThrow(
      MalformedMessage,
    );
  });

  it.each([
    ['a group', [0x0b]],
    ['an event that is a number', [0x08, 1]],
    ['a number without an end', [0xd0, 0x05, ...Array<number>(11).fill(0xff)]],
  ])('%s is refused', (_, bytes) => {
    expect(() => decodeReadAnswer(Buffer.from(bytes))).toThrow(MalformedMessage);
  });
});
