import { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import type { ResolvedEvent } from '../store/links';
import type { StoredEvent } from '../store/stored-event';
import { fieldLength, numberLength, WireWriter } from '@app/protobuf';

/** The fields that are written here, of `ReadResp` and of the messages within it. */
const READ_RESP = { event: 1, confirmation: 2, checkpoint: 3, caughtUp: 8 };
const READ_EVENT = { event: 1, link: 2, commitPosition: 3 };

/**
 * `ReadResp { event: { event: <recorded>, commit_position } }`, put together around the bytes
 * on disk: this message is nearly all that a reader is sent, and encoding it anew for each
 * would cost more than everything else in a read.
 */
export function encodeEvent({ recorded, position }: StoredEvent): Buffer {
  const length = fieldLength(recorded.length) + positionLength(position);
  const answer = Buffer.allocUnsafe(fieldLength(length));
  new WireWriter(answer)
    .message(READ_RESP.event, length)
    .data(READ_EVENT.event, recorded)
    .number(READ_EVENT.commitPosition, position);
  return answer;
}

/** The same with a link, whose position counts: `{ event, link, commit_position }`. */
export function encodeResolved({ event, link }: ResolvedEvent): Buffer {
  if (!link) return encodeEvent(event);
  const { recorded, position } = link;
  const length =
    (event ? fieldLength(event.recorded.length) : 0) +
    fieldLength(recorded.length) +
    positionLength(position);
  const answer = Buffer.allocUnsafe(fieldLength(length));
  const writer = new WireWriter(answer).message(READ_RESP.event, length);
  if (event) writer.data(READ_EVENT.event, event.recorded);
  writer.data(READ_EVENT.link, recorded).number(READ_EVENT.commitPosition, position);
  return answer;
}

function positionLength(position: number): number {
  return 1 + numberLength(position);
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
  // The tag: a field's number above the three bits of its kind.
  switch (answer[0]! >> 3) {
    case READ_RESP.confirmation:
      return 'confirmation';
    case READ_RESP.checkpoint:
      return 'checkpoint';
    case READ_RESP.caughtUp:
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

/** A live subscription lost its place and reads on from disk: newer servers say so, older ones end it. */
export function encodeFellBehind(): Buffer {
  return bytesOf(new ReadResp().setFellBehind(new ReadResp.FellBehind()));
}

function bytesOf(message: ReadResp): Buffer {
  return Buffer.from(message.serializeBinary());
}
