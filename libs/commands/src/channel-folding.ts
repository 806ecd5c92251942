import type { Channel, ChannelEvent } from '@app/domain';
import { evolveChannel, unbornChannel } from '@app/domain';
import type { Folding } from '@app/event-store';

/** How `channel-<id>` becomes the channel that commands decide on. */
export const channelFolding: Folding<Channel, ChannelEvent> = {
  initial: unbornChannel,
  evolve: evolveChannel,
};
