import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { decodeExpectedPosition, ProposedEvents } from '../protocol/append-request';
import {
  encodeBatchOutcome,
  encodeBatchRefusal,
  encodeBatchTimeout,
  type BatchReference,
} from '../protocol/batch-append-answer';
import type { BatchAppendMessage } from '../protocol/batch-append-request';
import { CallError } from '../protocol/call-error';
import { decodeStreamName, decodeUuid } from '../protocol/identifiers';
import { UndecidedWriteError } from '../store/appender';
import type { AppendRequest } from '../store/draft';
import type { Store } from '../store/store';
import { Outgoing } from './outgoing';

/** Appends of one call on their way to disk; beyond either the call is not read on. */
const MAX_IN_FLIGHT = 128;
const MAX_BYTES_IN_FLIGHT = 8 * 1024 * 1024;

/** An append of which the last message has not come yet. */
interface Unfinished {
  readonly reference: BatchReference;
  readonly options: BatchAppendReq.Options;
  readonly proposed: ProposedEvents;
  /** Found in an earlier message; told with the last, since a client takes one answer only. */
  refusal?: CallError;
}

/**
 * Serves `Streams.BatchAppend`: any number of appends on one call, told apart by their
 * correlation ids, their messages mixed and their answers in any order.
 */
export async function batchAppend(
  store: Store,
  call: ServerDuplexStream<BatchAppendMessage, BatchAppendResp>,
  closing: AbortSignal,
): Promise<void> {
  const outgoing = new Outgoing<BatchAppendResp>(call, closing);
  const unfinished = new Map<string, Unfinished>();
  const inFlight = new Set<Promise<void>>();
  let bytesInFlight = 0;
  try {
    // The call is not over when its client has said all: there is still to be answered.
    const messages: AsyncIterable<BatchAppendMessage> = call.iterator({ destroyOnReturn: false });
    for await (const message of messages) {
      const finished = receive(unfinished, message);
      if (!finished) continue;
      const answering = answer(store, finished, outgoing)
        .catch((error: unknown) => outgoing.fail(error))
        .finally(() => {
          inFlight.delete(answering);
          bytesInFlight -= finished.proposed.bytes;
        });
      inFlight.add(answering);
      bytesInFlight += finished.proposed.bytes;
      while (inFlight.size >= MAX_IN_FLIGHT || bytesInFlight >= MAX_BYTES_IN_FLIGHT) {
        await Promise.race(inFlight);
      }
    }
    await Promise.all(inFlight);
    outgoing.end();
  } catch (error) {
    outgoing.fail(error);
  }
}

/**
 * Takes one message in. One of an append that never began is passed over, as by the real server: it has
 * answered such an append already.
 *
 * @returns the append that it completes, if it does
 * @throws CallError when nobody can tell which append it belongs to
 */
function receive(
  unfinished: Map<string, Unfinished>,
  message: BatchAppendMessage,
): Unfinished | undefined {
  const id = decodeUuid(message.correlationId);
  const append = unfinished.get(id) ?? begin(message);
  if (!append) return undefined;
  unfinished.set(id, append);
  try {
    for (const proposal of message.proposals) append.proposed.add(proposal);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    append.refusal ??= error;
  }
  if (!message.isFinal) return undefined;
  unfinished.delete(id);
  return append;
}

function begin({ correlationId, options }: BatchAppendMessage): Unfinished | undefined {
  if (!options) return undefined;
  const stream = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []);
  return {
    reference: { correlationId, stream: stream.toString('utf8') },
    options,
    proposed: new ProposedEvents(),
  };
}

async function answer(
  store: Store,
  append: Unfinished,
  outgoing: Outgoing<BatchAppendResp>,
): Promise<void> {
  const { reference, options } = append;
  const deadline = options.getDeadline()?.toDate().getTime() ?? Infinity;
  if (deadline < Date.now()) return outgoing.write(encodeBatchTimeout(reference));
  try {
    const request = toRequest(append);
    const outcome = await store.appender.write(request);
    return outgoing.write(encodeBatchOutcome(reference, request, outcome));
  } catch (error) {
    // Other appends on the call have nothing to do with it.
    const isOfThisOne = error instanceof CallError || error instanceof UndecidedWriteError;
    if (!isOfThisOne) throw error;
    return outgoing.write(encodeBatchRefusal(reference, error));
  }
}

/** @throws CallError when the append is not one that can be decided */
function toRequest({ options, proposed, refusal }: Unfinished): AppendRequest {
  if (refusal) throw refusal;
  return {
    kind: 'append',
    stream: decodeStreamName(options.getStreamIdentifier()),
    expected: decodeExpectedPosition(options),
    events: proposed.take(),
  };
}
