import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { encodeEvent, encodeStreamNotFound } from '../protocol/read-answer';
import { decodeReadRequest, resolvePlace, type ReadRequest } from '../protocol/read-request';
import * as pages from '../store/pages';
import type { EventLog } from '../store/event-log';
import type { Store } from '../store/store';
import { Outgoing } from './outgoing';
import { subscribe } from './subscribe';

/** Serves `Streams.Read`: a read that ends, or a subscription that doesn't. */
export async function read(
  store: Store,
  call: ServerWritableStream<ReadReq, Buffer>,
  closing: AbortSignal,
): Promise<void> {
  const outgoing = new Outgoing<Buffer>(call, closing);
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
  outgoing: Outgoing<Buffer>,
): Promise<void> {
  const { source, maxCount } = request;
  if (source.kind === 'stream' && log.lastRevision(source.stream) < 0) {
    await outgoing.write(encodeStreamNotFound(source.stream));
    return;
  }
  const end = log.lastPosition;
  const filter = source.kind === 'all' ? source.filter : undefined;
  let sent = 0;
  for (const page of pagesOf(log, request)) {
    if (page.length === 0) return;
    for (const event of page) {
      if (sent === maxCount) return;
      if (event.position > end) {
        // What was committed since lies before what is asked for, or behind it.
        if (request.backwards) continue;
        return;
      }
      if (filter && !filter.matches(event)) continue;
      const slow = outgoing.write(encodeEvent(event));
      if (slow) await slow;
      sent += 1;
    }
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
