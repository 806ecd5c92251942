import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { status } from '@grpc/grpc-js';
import { BEFORE_ALL } from '../store/event-log';
import { LAST } from '../store/keys';
import { CallError, invalidArgument } from './call-error';
import { decodeFilter, type Filter } from './filter';
import { decodeBound, decodeStreamName } from './identifiers';

/** A place in a stream (a revision) or in all events (a position). */
export type Place = number | 'start' | 'end';

/** What is read: the events of a stream, or all. */
export type Source =
  | { readonly kind: 'stream'; readonly stream: string; readonly place: Place }
  | { readonly kind: 'all'; readonly place: Place; readonly filter?: Filter };

export interface Reading {
  readonly source: Source;
  /** Whether links are followed. */
  readonly resolveLinks: boolean;
}

export interface SubscriptionRequest extends Reading {
  readonly kind: 'subscription';
}

export interface ReadOnceRequest extends Reading {
  readonly kind: 'read';
  readonly backwards: boolean;
  readonly maxCount: number;
}

/** @throws CallError when it asks for what doesn't exist or isn't served */
export function decodeReadRequest(request: ReadReq): SubscriptionRequest | ReadOnceRequest {
  const options = request.getOptions();
  if (!options) throw invalidArgument('The options of the read are missing');
  if (options.getUuidOption()?.hasStructured()) {
    throw new CallError(status.UNIMPLEMENTED, 'Event ids are served as strings only');
  }
  const reading = { source: decodeSource(options), resolveLinks: options.getResolveLinks() };
  if (options.hasSubscription()) return { kind: 'subscription', ...reading };

  const { source } = reading;
  const backwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  if (source.kind === 'stream' && source.place === 'end' && !backwards) {
    // The real server fails on it too, with the same status.
    throw new CallError(status.UNKNOWN, "A stream can't be read forwards from its end");
  }
  return { kind: 'read', ...reading, backwards, maxCount: decodeBound(options.getCount()) };
}

function decodeSource(options: ReadReq.Options): Source {
  const stream = options.getStream();
  if (stream) {
    const name = decodeStreamName(stream.getStreamIdentifier());
    const place = stream.hasRevision() ? decodeBound(stream.getRevision()) : wordOf(stream);
    return { kind: 'stream', stream: name, place };
  }
  const all = options.getAll();
  if (!all) throw invalidArgument('The read names neither a stream nor all events');
  const position = all.getPosition();
  const filter = options.getFilter();
  return {
    kind: 'all',
    place: position ? decodePosition(position) : wordOf(all),
    ...(filter && { filter: decodeFilter(filter) }),
  };
}

/**
 * Halves that differ name a place between two events, just before the commit position: the real
 * server tells such ones, and at the commit position may stand an event that comes after them.
 */
function decodePosition(position: ReadReq.Options.Position): number {
  const commit = decodeBound(position.getCommitPosition());
  return decodeBound(position.getPreparePosition()) < commit ? commit - 1 : commit;
}

function wordOf(options: { hasStart(): boolean; hasEnd(): boolean }): Place {
  if (options.hasStart()) return 'start';
  if (options.hasEnd()) return 'end';
  throw invalidArgument('The place to read from is missing');
}

/** A place as a number to read from: revisions begin at 0, positions above {@link BEFORE_ALL}. */
export function resolvePlace(place: Place): number {
  if (place === 'start') return BEFORE_ALL;
  return place === 'end' ? LAST : place;
}
