import {
  DeleteResp,
  TombstoneResp,
  type DeleteReq,
  type TombstoneReq,
} from '@eventstore/db-client/generated/streams_pb';
import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { decodeExpectedRevision } from '../protocol/append-request';
import { CallError, invalidArgument, streamDeleted, toStatus } from '../protocol/call-error';
import { decodeStreamName } from '../protocol/identifiers';
import type { DeleteRequest, WriteOutcome } from '../store/draft';
import type { ExpectedRevision } from '../store/expected-revision';
import type { Store } from '../store/store';

/** Serves `Streams.Delete`: the stream is gone until somebody appends to it. */
export async function softDelete(
  store: Store,
  call: ServerUnaryCall<DeleteReq, DeleteResp>,
  answer: sendUnaryData<DeleteResp>,
): Promise<void> {
  await end(store, call, { kind: 'delete', answer }, (position) =>
    new DeleteResp().setPosition(
      new DeleteResp.Position().setCommitPosition(position).setPreparePosition(position),
    ),
  );
}

/** Serves `Streams.Tombstone`: the stream is gone for ever. */
export async function tombstone(
  store: Store,
  call: ServerUnaryCall<TombstoneReq, TombstoneResp>,
  answer: sendUnaryData<TombstoneResp>,
): Promise<void> {
  await end(store, call, { kind: 'tombstone', answer }, (position) =>
    new TombstoneResp().setPosition(
      new TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position),
    ),
  );
}

async function end<Answer>(
  store: Store,
  call: ServerUnaryCall<DeleteReq | TombstoneReq, Answer>,
  { kind, answer }: { kind: DeleteRequest['kind']; answer: sendUnaryData<Answer> },
  encode: (position: string) => Answer,
): Promise<void> {
  try {
    const options = call.request.getOptions();
    if (!options) throw invalidArgument('The options of the delete are missing');
    const stream = decodeStreamName(options.getStreamIdentifier());
    const request = { kind, stream, expected: decodeExpectedRevision(options) };
    answer(null, encode(positionOf(request, await store.appender.write(request))));
  } catch (error) {
    if (!call.cancelled) answer(toStatus(error));
  }
}

/** @throws CallError when nothing was written */
function positionOf({ stream, expected }: DeleteRequest, outcome: WriteOutcome): string {
  switch (outcome.kind) {
    case 'written':
      return String(outcome.position);
    case 'stream-deleted':
      throw streamDeleted(stream);
    case 'wrong-expected-version':
      throw wrongExpectedVersion(stream, expected, outcome.currentRevision);
  }
}

/** Unlike the appends' answers, this one writes words as numbers: the real server's own. */
const NUMBERS = { no_stream: -1, any: -2, stream_exists: -4 } as const;

function wrongExpectedVersion(
  stream: string,
  expected: ExpectedRevision,
  current: number,
): CallError {
  return new CallError(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, ` +
      `Expected version: ${expected}, Actual version: ${current}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(typeof expected === 'number' ? expected : NUMBERS[expected]),
      'actual-version': String(current),
    },
  );
}
