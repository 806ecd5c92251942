import type { EventStoreDBClient } from '@eventstore/db-client';
import type { Channel, ChannelOptions } from '@grpc/grpc-js';

/** Bytes that may be under way to a reader who hasn't taken them yet. */
const windowBytes = 1024 * 1024;

/** What lies below the official client, as far as it is touched here. */
interface Inside {
  createChannel: () => Promise<Channel>;
}
interface InsideChannel {
  readonly internalChannel: { getOptions(): ChannelOptions };
}

/**
 * Has a client connect with a wider flow-control window. With HTTP/2's own 64 KiB, which the client has no
 * setting for, the store stands still whenever a reader is at work with what it has: about a hundred
 * events at a time, and 32 MB/s at most over a link of 2 ms.
 * https://www.rfc-editor.org/rfc/rfc9113#name-flow-control
 *
 * @throws TypeError from the first call, should a later version of the client be built otherwise
 */
export function widenWindow(client: EventStoreDBClient): EventStoreDBClient {
  const inside = client as unknown as Inside;
  const create = inside.createChannel;
  inside.createChannel = async () => {
    const channel = await create();
    // The options count when it connects, which is later.
    const { internalChannel } = channel as unknown as InsideChannel;
    internalChannel.getOptions()['grpc-node.flow_control_window'] = windowBytes;
    return channel;
  };
  return client;
}
