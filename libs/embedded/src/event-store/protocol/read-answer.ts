import { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import type { ResolvedEvent } from '../store/links';
import type { StoredEvent } from '../store/stored-event';

// Wire tags: the number of the field, then 2 for "length and bytes" or 0 for "varint".
const READ_RESP_EVENT = (1 << 3) | 2;
const READ_RESP_CONFIRMATION = (2 << 3) | 2;
const READ_RESP_CHECKPOINT = (3 << 3) | 2;
const READ_RESP_CAUGHT_UP = (8 << 3) | 2;
const READ_EVENT_EVENT = (1 << 3) | 2;
const READ_EVENT_LINK = (2 << 3) | 2;
const READ_EVENT_COMMIT_POSITION = (3 << 3) | 0;

/** Seven bits a byte, the lowest first; the high bit says that more follow. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  // Division, not shifts: positions are larger than 32 bits.
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

/**
 * `ReadResp { event: { event: <recorded>, commit_position } }`, put together around the bytes
 * on disk: this message is nearly all that a reader is sent, and encoding it anew for each
 * would cost more than everything else in a read.
 */
export function encodeEvent({ recorded, position }: StoredEvent): Buffer {
  const head = [READ_EVENT_EVENT, ...varint(recorded.length)];
  const tail = [READ_EVENT_COMMIT_POSITION, ...varint(position)];
  const length = head.length + recorded.length + tail.length;
  return Buffer.concat([
    Buffer.from([READ_RESP_EVENT, ...varint(length), ...head]),
    recorded,
    Buffer.from(tail),
  ]);
}

/** The same with a link, whose position counts: `{ event, link, commit_position }`. */
export function encodeResolved({ event, link }: ResolvedEvent): Buffer {
  if (!link) return encodeEvent(event);
  const inner = Buffer.concat([
    ...(event ? field(READ_EVENT_EVENT, event.recorded) : []),
    ...field(READ_EVENT_LINK, link.recorded),
    Buffer.from([READ_EVENT_COMMIT_POSITION, ...varint(link.position)]),
  ]);
  return Buffer.concat(field(READ_RESP_EVENT, inner));
}

function field(tag: number, bytes: Buffer): [Buffer, Buffer] {
  return [Buffer.from([tag, ...varint(bytes.length)]), bytes];
}

export function encodeStreamNotFound(stream: string): Buffer {
  const name = new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));
  return bytesOf(
    new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(name)),
  );
}

export function encodeConfirmation(subscriptionId: string): Buffer {
  return bytesOf(
    new ReadResp().setConfirmation(
      new ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId),
    ),
  );
}

/** What kind of answer it is, by the field that its message begins with. */
export function kindOf(answer: Buffer): 'confirmation' | 'checkpoint' | 'caughtUp' | 'other' {
  switch (answer[0]) {
    case READ_RESP_CONFIRMATION:
      return 'confirmation';
    case READ_RESP_CHECKPOINT:
      return 'checkpoint';
    case READ_RESP_CAUGHT_UP:
      return 'caughtUp';
    default:
      return 'other';
  }
}

/** A place in all events, in the two halves of the protocol. */
export interface Position {
  readonly commit: number;
  readonly prepare: number;
}

/** "All events up to this place have been considered." */
export function encodeCheckpoint({ commit, prepare }: Position): Buffer {
  const checkpoint = new ReadResp.Checkpoint()
    .setCommitPosition(String(commit))
    .setPreparePosition(String(prepare));
  return bytesOf(new ReadResp().setCheckpoint(checkpoint));
}

export function encodeCaughtUp(): Buffer {
  return bytesOf(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()));
}

function bytesOf(message: ReadResp): Buffer {
  return Buffer.from(message.serializeBinary());
}
