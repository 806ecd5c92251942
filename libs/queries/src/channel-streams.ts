import { Injectable } from '@nestjs/common';
import type {
  Channel,
  ChannelEvent,
  ChannelId,
  ChannelRow,
  DisconnectionEvent,
  Receipt,
} from '@app/domain';
import { atRevision, evolveChannel, evolveReceipt, openReceipt, unbornChannel } from '@app/domain';
import { channelStream, disconnectionStream, EventStore, loadState } from '@app/event-store';

/** A channel and its receipt as their streams tell them: for what the projector hasn't seen yet. */
@Injectable()
export class ChannelStreams {
  constructor(private readonly events: EventStore) {}

  async channel(id: ChannelId): Promise<Channel> {
    const folding = { initial: unbornChannel, evolve: evolveChannel };
    const { state } = await loadState<Channel, ChannelEvent>(
      this.events,
      channelStream(id),
      folding,
    );
    return state;
  }

  /** The row of a channel that is connected or was; undefined when there is none. */
  async row(id: ChannelId): Promise<ChannelRow | undefined> {
    const channel = await this.channel(id);
    return channel.kind === 'LIVE' || channel.kind === 'DISCONNECTED' ? channel.row : undefined;
  }

  async receipt(channel: Extract<Channel, { kind: 'DISCONNECTED' }>): Promise<Receipt> {
    const folding = { initial: openReceipt(channel.end), evolve: evolveReceipt };
    const { state, revision } = await loadState<Receipt, DisconnectionEvent>(
      this.events,
      disconnectionStream(channel.row.id),
      folding,
    );
    return atRevision(state, revision);
  }
}
