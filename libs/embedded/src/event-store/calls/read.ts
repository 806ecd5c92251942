import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { encodeStreamNotFound } from '../protocol/read-answer';
import { decodeReadRequest, resolvePlace, type ReadOnceRequest } from '../protocol/read-request';
import * as pages from '../store/pages';
import type { EventLog } from '../store/event-log';
import type { Store } from '../store/store';
import type { ManyAnswers } from './many-answers';
import { placeBetween, type Strictness } from '../strictness';
import { Outgoing } from './outgoing';
import { StrictAnswers } from './strict-answers';
import { placeOf, subscribe } from './subscribe';
import { viewOf } from './view';

/** Serves `Streams.Read`: a read that ends, or a subscription that doesn't. */
export async function read(
  store: Store,
  call: ServerWritableStream<ReadReq, ManyAnswers>,
  { closing, strictness }: { closing: AbortSignal; strictness?: Strictness },
): Promise<void> {
  const outgoing = new Outgoing<ManyAnswers>(call, closing);
  try {
    const request = decodeReadRequest(call.request);
    if (request.kind === 'subscription') {
      const how = strictness
        ? {
            outgoing: new StrictAnswers(outgoing, strictness.nextCut()),
            placeAfter: placeBetween,
          }
        : { outgoing, placeAfter: placeOf };
      await subscribe(store, request, how);
    } else await readOnce(store.log, request, outgoing);
    outgoing.end();
  } catch (error) {
    outgoing.fail(error);
  }
}

/** Sends what was on disk when the read began: events that come meanwhile don't lengthen it. */
async function readOnce(
  log: EventLog,
  request: ReadOnceRequest,
  outgoing: Outgoing<ManyAnswers>,
): Promise<void> {
  const { source, maxCount } = request;
  const view = viewOf(log, request);
  if (source.kind === 'stream' && !view.exists) {
    await outgoing.send([encodeStreamNotFound(source.stream)]);
    return;
  }
  const end = log.lastPosition;
  let count = 0;
  for (const page of pagesOf(log, request, view.first)) {
    const answers: Buffer[] = [];
    for (const event of page) {
      if (count === maxCount) break;
      // What was committed since the read began lies before what is asked for, or behind it.
      if (event.position > end || !view.shows(event)) continue;
      answers.push(view.encode(event));
      count += 1;
    }
    if (answers.length > 0) await outgoing.send(answers);
    else await endOfTurn();
    const isOver = page.length === 0 || (!request.backwards && page.at(-1)!.position > end);
    if (isOver || count === maxCount) return;
  }
}

/** @param first the first revision that is shown of a stream */
function pagesOf(
  log: EventLog,
  { source, backwards }: ReadOnceRequest,
  first: number,
): pages.Pages {
  const from = resolvePlace(source.place);
  if (source.kind === 'all') {
    return backwards ? pages.allBackwards(log, from) : pages.allForwards(log, from);
  }
  return backwards
    ? pages.streamBackwards(log, source.stream, { from, downTo: first })
    : pages.streamForwards(log, source.stream, Math.max(from, first));
}
