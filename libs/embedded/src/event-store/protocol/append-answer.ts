import { AppendResp } from '@eventstore/db-client/generated/streams_pb';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import type { AppendRequest, WriteOutcome } from '../store/draft';
import { streamDeleted } from './call-error';

/**
 * The answer of a unary append. A wrong expected revision is part of it, not an error.
 *
 * @throws CallError when the stream is deleted
 */
export function encodeAppendAnswer(
  { stream, expected }: AppendRequest,
  outcome: WriteOutcome,
): AppendResp {
  if (outcome.kind === 'written') return new AppendResp().setSuccess(encodeSuccess(outcome));
  if (outcome.kind === 'stream-deleted') throw streamDeleted(stream);

  const wrong = new AppendResp.WrongExpectedVersion();
  if (outcome.currentRevision < 0) wrong.setCurrentNoStream(new Empty());
  else wrong.setCurrentRevision(String(outcome.currentRevision));
  if (expected === 'any') wrong.setExpectedAny(new Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new Empty());
  else wrong.setExpectedRevision(String(expected));
  return new AppendResp().setWrongExpectedVersion(wrong);
}

function encodeSuccess(outcome: WriteOutcome & { kind: 'written' }): AppendResp.Success {
  const success = new AppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) return success.setNoPosition(new Empty());
  const position = String(outcome.position);
  return success.setPosition(
    new AppendResp.Position().setCommitPosition(position).setPreparePosition(position),
  );
}
