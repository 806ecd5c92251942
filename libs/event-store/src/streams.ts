import type { ChannelId } from '@app/domain';

/** One stream a channel. */
export const channelStreamPrefix = 'channel-';
/** One stream a disconnection. */
export const disconnectionStreamPrefix = 'disconnection-';

/** Where the life of a channel is recorded. */
export function channelStream(id: ChannelId): string {
  return channelStreamPrefix + id;
}

/** Where the outcomes of a channel's disconnection are recorded. */
export function disconnectionStream(id: ChannelId): string {
  return disconnectionStreamPrefix + id;
}

/** Whether a stream is one of this service's: every subscriber of ours sees these and no other. */
export function isOurs(stream: string): boolean {
  return stream.startsWith(channelStreamPrefix) || stream.startsWith(disconnectionStreamPrefix);
}
