import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { Position } from '../recorded-event';
import { channelStreamPrefix, disconnectionStreamPrefix } from '../streams';

/**
 * How often a filtered subscription tells where it is while nothing matches: every so many times
 * 32 events that it has looked at. Each is a message, and a write for whoever keeps the place.
 */
const checkpointInterval = 32;

/** What is read of `$all`. */
export interface AllRead {
  /** A read includes the place that it starts from, a subscription begins after it. */
  readonly from: Position | 'start' | 'end';
  readonly direction?: 'forwards' | 'backwards';
  /** Whether only the streams of this service are read. */
  readonly onlyOurs: boolean;
  /** Events at most; a subscription goes on for ever. */
  readonly count: number | 'subscription';
}

/** The most events that a read can be asked for: all that there are. */
export const allOfThem = Number.MAX_SAFE_INTEGER;

/** The request as the client would write it, which has no filter for reads. */
export function readRequest({ from, direction, onlyOurs, count }: AllRead): ReadReq {
  const { BACKWARDS, FORWARDS } = ReadReq.Options.ReadDirection;
  const options = new ReadReq.Options()
    .setAll(startingAt(from))
    .setReadDirection(direction === 'backwards' ? BACKWARDS : FORWARDS)
    .setResolveLinks(false)
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
  if (count === 'subscription') options.setSubscription(new ReadReq.Options.SubscriptionOptions());
  else options.setCount(String(count));
  if (onlyOurs) options.setFilter(oursOnly());
  else options.setNoFilter(new Empty());
  return new ReadReq().setOptions(options);
}

function startingAt(from: AllRead['from']): ReadReq.Options.AllOptions {
  const all = new ReadReq.Options.AllOptions();
  if (from === 'start') return all.setStart(new Empty());
  if (from === 'end') return all.setEnd(new Empty());
  const position = new ReadReq.Options.Position()
    .setCommitPosition(String(from.commit))
    .setPreparePosition(String(from.prepare));
  return all.setPosition(position);
}

function oursOnly(): ReadReq.Options.FilterOptions {
  const prefixes = new ReadReq.Options.FilterOptions.Expression().setPrefixList([
    channelStreamPrefix,
    disconnectionStreamPrefix,
  ]);
  return new ReadReq.Options.FilterOptions()
    .setStreamIdentifier(prefixes)
    .setCount(new Empty())
    .setCheckpointintervalmultiplier(checkpointInterval);
}
