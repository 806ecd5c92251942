import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { encodeAppendAnswer } from '../protocol/append-answer';
import { decodeExpectedRevision, proposalOf, ProposedEvents } from '../protocol/append-request';
import { invalidArgument, toStatus } from '../protocol/call-error';
import { decodeStreamName } from '../protocol/identifiers';
import type { AppendRequest } from '../store/draft';
import type { Store } from '../store/store';

/** Serves `Streams.Append`: options first, then an event in each message. */
export async function append(
  store: Store,
  call: ServerReadableStream<AppendReq, AppendResp>,
  answer: sendUnaryData<AppendResp>,
): Promise<void> {
  try {
    const request = await receive(call);
    answer(null, encodeAppendAnswer(request, await store.appender.write(request)));
  } catch (error) {
    if (!call.cancelled) answer(toStatus(error));
  }
}

async function receive(call: AsyncIterable<AppendReq>): Promise<AppendRequest> {
  let options: AppendReq.Options | undefined;
  const proposed = new ProposedEvents();
  for await (const message of call) {
    const event = message.getProposedMessage();
    if (event) proposed.add(proposalOf(event));
    else options = message.getOptions();
  }
  if (!options) throw invalidArgument('The options of the append are missing');
  return {
    kind: 'append',
    stream: decodeStreamName(options.getStreamIdentifier()),
    expected: decodeExpectedRevision(options),
    events: proposed.take(),
  };
}
