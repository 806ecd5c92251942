import { Code } from '@eventstore/db-client/generated/code_pb';
import {
  AllStreamPosition,
  MaximumAppendSizeExceeded,
  StreamDeleted,
  StreamIdentifier,
  Timeout,
  Unknown,
  WrongExpectedVersion,
  type UUID,
} from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { Message } from 'google-protobuf';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { UndecidedWriteError } from '../store/appender';
import type { AppendRequest, WriteOutcome } from '../store/draft';
import { AppendTooLargeError, MAX_APPEND_BYTES } from './append-request';
import type { CallError } from './call-error';

/** What every answer repeats, for the client to find the append it belongs to. */
export interface BatchReference {
  readonly correlationId: UUID | undefined;
  readonly stream: string;
}

/** The answer to an append that was decided. */
export function encodeBatchOutcome(
  reference: BatchReference,
  request: AppendRequest,
  outcome: WriteOutcome,
): BatchAppendResp {
  const answer = answerTo(reference);
  switch (outcome.kind) {
    case 'written':
      return answer.setSuccess(encodeSuccess(outcome));
    case 'wrong-expected-version':
      return answer.setError(wrongExpectedVersion(request, outcome.currentRevision));
    case 'stream-deleted':
      return answer.setError(streamDeleted(request.stream));
  }
}

/** The answer to an append that was turned down before it was decided, or that could not be decided. */
export function encodeBatchRefusal(
  reference: BatchReference,
  error: CallError | UndecidedWriteError,
): BatchAppendResp {
  return answerTo(reference).setError(turnedDown(error));
}

function turnedDown(error: CallError | UndecidedWriteError): Status {
  const { message } = error;
  if (error instanceof UndecidedWriteError) {
    return refusal(message, 'Unknown', new Unknown(), Code.UNKNOWN);
  }
  if (error instanceof AppendTooLargeError) {
    const details = new MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES);
    return refusal(message, 'MaximumAppendSizeExceeded', details);
  }
  // The client shows the message of an error that it has no name for.
  return refusal(message, 'BadRequest', new Empty());
}

/** The answer to an append whose deadline, a time by the client's clock, has passed. */
export function encodeBatchTimeout(reference: BatchReference): BatchAppendResp {
  return answerTo(reference).setError(
    refusal('The deadline has passed', 'Timeout', new Timeout(), Code.DEADLINE_EXCEEDED),
  );
}

function answerTo({ correlationId, stream }: BatchReference): BatchAppendResp {
  return new BatchAppendResp()
    .setCorrelationId(correlationId)
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8')));
}

function encodeSuccess(outcome: WriteOutcome & { kind: 'written' }): BatchAppendResp.Success {
  const success = new BatchAppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) return success.setNoPosition(new Empty());
  const position = String(outcome.position);
  return success.setPosition(
    new AllStreamPosition().setCommitPosition(position).setPreparePosition(position),
  );
}

function wrongExpectedVersion({ stream, expected }: AppendRequest, current: number): Status {
  const wrong = new WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  const actual = current < 0 ? 'no stream' : `revision ${current}`;
  return refusal(
    `Stream ${stream}: expected ${expected}, found ${actual}`,
    'WrongExpectedVersion',
    wrong,
    Code.FAILED_PRECONDITION,
  );
}

function streamDeleted(stream: string): Status {
  const name = new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));
  return refusal(
    `Event stream '${stream}' is deleted.`,
    'StreamDeleted',
    new StreamDeleted().setStreamIdentifier(name),
    Code.FAILED_PRECONDITION,
  );
}

/** The client tells errors apart by the type name of the details. */
function refusal(
  message: string,
  typeName: string,
  details: Message,
  code: Code = Code.INVALID_ARGUMENT,
): Status {
  const packed = new Any();
  packed.pack(details.serializeBinary(), `event_store.client.${typeName}`);
  return new Status().setCode(code).setMessage(message).setDetails(packed);
}
