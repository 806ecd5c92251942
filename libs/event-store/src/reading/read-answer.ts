import type { Position } from '../recorded-event';
import { WireReader } from '@app/protobuf';

/** An event as the store holds it: nothing of it is understood yet. */
export interface EncodedEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly recordedAt: Date;
  readonly type: string;
  /** JSON if the event is one of ours; who else wrote there may have put in whatever bytes. */
  readonly data: string;
  readonly metadata: string;
}

/** One message of a read of `$all`. What tells neither of an event nor of a place has neither. */
export interface ReadAnswer {
  readonly event?: EncodedEvent;
  /** Everything up to here has been looked at, and sent if it was asked for. */
  readonly checkpoint?: Position;
  /** Of the whole message. */
  readonly size: number;
}

// The fields of `ReadResp` that are of use here, and of the messages within it: streams.proto and
// shared.proto of EventStoreDB. A spec holds them against the client's generated code.
const READ_RESP = { event: 1, checkpoint: 3 };
const READ_EVENT = { event: 1, commitPosition: 3 };
const CHECKPOINT = { commitPosition: 1, preparePosition: 2 };
const RECORDED_EVENT = {
  id: 1,
  streamIdentifier: 2,
  streamRevision: 3,
  preparePosition: 4,
  commitPosition: 5,
  metadata: 6,
  customMetadata: 7,
  data: 8,
};
const UUID = { structured: 1, string: 2 };
const STRUCTURED = { mostSignificantBits: 1, leastSignificantBits: 2 };
const STREAM_IDENTIFIER = { streamName: 3 };

/**
 * Decodes `event_store.client.streams.ReadResp`, the message that nearly all reading consists of:
 * the client's generated code for it takes four times as long.
 *
 * @throws MalformedMessage
 */
export function decodeReadAnswer(bytes: Buffer): ReadAnswer {
  const wire = new WireReader(bytes);
  let event: EncodedEvent | undefined;
  let checkpoint: Position | undefined;
  while (wire.nextField()) {
    if (wire.field === READ_RESP.event) event = decodeReadEvent(wire);
    else if (wire.field === READ_RESP.checkpoint) checkpoint = decodeCheckpoint(wire);
    else wire.skip();
  }
  return { event, checkpoint, size: bytes.length };
}

function decodeReadEvent(wire: WireReader): EncodedEvent | undefined {
  let event: ReturnType<typeof decodeRecordedEvent> | undefined;
  let commit: bigint | undefined;
  const outer = wire.enter();
  while (wire.nextField()) {
    if (wire.field === READ_EVENT.event) event = decodeRecordedEvent(wire);
    else if (wire.field === READ_EVENT.commitPosition) commit = wire.uint64();
    else wire.skip();
  }
  wire.leave(outer);
  if (event && commit !== undefined) event.position.commit = commit;
  return event;
}

function decodeCheckpoint(wire: WireReader): Position {
  const position = { commit: 0n, prepare: 0n };
  const outer = wire.enter();
  while (wire.nextField()) {
    if (wire.field === CHECKPOINT.commitPosition) position.commit = wire.uint64();
    else if (wire.field === CHECKPOINT.preparePosition) position.prepare = wire.uint64();
    else wire.skip();
  }
  wire.leave(outer);
  return position;
}

function decodeRecordedEvent(wire: WireReader) {
  let id = '';
  let stream = '';
  let revision = 0;
  let type = '';
  let recordedAt = new Date(0);
  let data = '';
  let metadata = '';
  const position = { commit: 0n, prepare: 0n };
  const outer = wire.enter();
  while (wire.nextField()) {
    switch (wire.field) {
      case RECORDED_EVENT.id:
        id = decodeUuid(wire);
        break;
      case RECORDED_EVENT.streamIdentifier:
        stream = decodeStreamName(wire);
        break;
      case RECORDED_EVENT.streamRevision:
        revision = Number(wire.uint64());
        break;
      case RECORDED_EVENT.preparePosition:
        position.prepare = wire.uint64();
        break;
      case RECORDED_EVENT.commitPosition:
        position.commit = wire.uint64();
        break;
      case RECORDED_EVENT.metadata: {
        const [key, value] = wire.textEntry();
        if (key === 'type') type = value;
        else if (key === 'created') recordedAt = dateOf(value);
        break;
      }
      case RECORDED_EVENT.customMetadata:
        metadata = wire.text();
        break;
      case RECORDED_EVENT.data:
        data = wire.text();
        break;
      default:
        wire.skip();
    }
  }
  wire.leave(outer);
  return { id, stream, revision, position, recordedAt, type, data, metadata };
}

function decodeStreamName(wire: WireReader): string {
  let name = '';
  const outer = wire.enter();
  while (wire.nextField()) {
    if (wire.field === STREAM_IDENTIFIER.streamName) name = wire.text();
    else wire.skip();
  }
  wire.leave(outer);
  return name;
}

/** Either as text or as its two halves: what is asked for is text. */
function decodeUuid(wire: WireReader): string {
  let uuid = '';
  const outer = wire.enter();
  while (wire.nextField()) {
    if (wire.field === UUID.string) uuid = wire.text();
    else if (wire.field === UUID.structured) uuid = decodeStructuredUuid(wire);
    else wire.skip();
  }
  wire.leave(outer);
  return uuid;
}

function decodeStructuredUuid(wire: WireReader): string {
  let [most, least] = [0n, 0n];
  const outer = wire.enter();
  while (wire.nextField()) {
    if (wire.field === STRUCTURED.mostSignificantBits) most = wire.uint64();
    else if (wire.field === STRUCTURED.leastSignificantBits) least = wire.uint64();
    else wire.skip();
  }
  wire.leave(outer);
  const hex = ((most << 64n) | least).toString(16).padStart(32, '0');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** The store's clock counts in units of 100 ns since the epoch, in decimals: more than a double holds. */
function dateOf(ticks: string): Date {
  return new Date(Number(ticks.slice(0, -4)));
}
