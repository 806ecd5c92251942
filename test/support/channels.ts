import type { ChannelConnected, ChannelEvent } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import { aContext, connected } from '@app/testing';

/** A channel that is there because its stream says so, with whatever happened to it since. */
export async function aChannel(
  events: EventStore,
  details: Partial<ChannelConnected['data']>,
  since: (start: ChannelConnected) => readonly ChannelEvent[] = () => [],
): Promise<ChannelConnected['data']> {
  const start = connected(details);
  const life = [start, ...since(start)];
  await events.append(channelStream(start.data.channelId), 'no_stream', life, aContext());
  return start.data;
}
