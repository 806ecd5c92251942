import { AppendResp } from '@eventstore/db-client/generated/streams_pb';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import type { AppendOutcome, AppendRequest } from '../store/draft';

/** The answer of a unary append. A wrong expected revision is part of it, not an error. */
export function encodeAppendAnswer(
  { expected }: AppendRequest,
  outcome: AppendOutcome,
): AppendResp {
  if (outcome.kind === 'appended') return new AppendResp().setSuccess(encodeSuccess(outcome));

  const wrong = new AppendResp.WrongExpectedVersion();
  if (outcome.currentRevision < 0) wrong.setCurrentNoStream(new Empty());
  else wrong.setCurrentRevision(String(outcome.currentRevision));
  if (expected === 'any') wrong.setExpectedAny(new Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new Empty());
  else wrong.setExpectedRevision(String(expected));
  return new AppendResp().setWrongExpectedVersion(wrong);
}

function encodeSuccess(outcome: AppendOutcome & { kind: 'appended' }): AppendResp.Success {
  const success = new AppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) return success.setNoPosition(new Empty());
  const position = String(outcome.position);
  return success.setPosition(
    new AppendResp.Position().setCommitPosition(position).setPreparePosition(position),
  );
}
