import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { encodeEvent, encodeStreamNotFound } from '../protocol/read-answer';
import { decodeReadRequest, resolvePlace, type ReadRequest } from '../protocol/read-request';
import * as pages from '../store/pages';
import type { EventLog } from '../store/event-log';
import type { Store } from '../store/store';
import type { ManyAnswers } from './many-answers';
import { Outgoing } from './outgoing';
import { subscribe } from './subscribe';

/** Serves `Streams.Read`: a read that ends, or a subscription that doesn't. */
export async function read(
  store: Store,
  call: ServerWritableStream<ReadReq, ManyAnswers>,
  closing: AbortSignal,
): Promise<void> {
  const outgoing = new Outgoing<ManyAnswers>(call, closing);
  try {
    const request = decodeReadRequest(call.request);
    if (request.kind === 'subscription') await subscribe(store, request.source, outgoing);
    else await readOnce(store.log, request, outgoing);
    outgoing.end();
  } catch (error) {
    outgoing.fail(error);
  }
}

/** Sends what was on disk when the read began: events that come meanwhile don't lengthen it. */
async function readOnce(
  log: EventLog,
  request: ReadRequest & { kind: 'read' },
  outgoing: Outgoing<ManyAnswers>,
): Promise<void> {
  const { source, maxCount } = request;
  if (source.kind === 'stream' && log.lastRevision(source.stream) < 0) {
    await outgoing.send([encodeStreamNotFound(source.stream)]);
    return;
  }
  const end = log.lastPosition;
  const filter = source.kind === 'all' ? source.filter : undefined;
  let count = 0;
  for (const page of pagesOf(log, request)) {
    const answers: Buffer[] = [];
    for (const event of page) {
      if (count === maxCount) break;
      // What was committed since the read began lies before what is asked for, or behind it.
      if (event.position > end || (filter && !filter.matches(event))) continue;
      answers.push(encodeEvent(event));
      count += 1;
    }
    if (answers.length > 0) await outgoing.send(answers);
    else await endOfTurn();
    const isOver = page.length === 0 || (!request.backwards && page.at(-1)!.position > end);
    if (isOver || count === maxCount) return;
  }
}

function pagesOf(
  log: EventLog,
  { source, backwards }: ReadRequest & { kind: 'read' },
): pages.Pages {
  const from = resolvePlace(source.place);
  if (source.kind === 'all') {
    return backwards ? pages.allBackwards(log, from) : pages.allForwards(log, from);
  }
  return backwards
    ? pages.streamBackwards(log, source.stream, from)
    : pages.streamForwards(log, source.stream, from);
}
