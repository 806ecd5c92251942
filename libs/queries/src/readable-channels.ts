import { Injectable } from '@nestjs/common';
import type { Principal } from '@app/access';
import { judge } from '@app/access';
import type { ChannelId, ChannelRow } from '@app/domain';
import { ChannelRows } from './channel-rows';
import { ChannelStreams } from './channel-streams';
import { NoSuchChannel } from './query-errors';

/** Rows for somebody who may read them. */
@Injectable()
export class ReadableChannels {
  constructor(
    private readonly rows: ChannelRows,
    private readonly streams: ChannelStreams,
  ) {}

  /**
   * The row of a channel, a DISCONNECTED one's included.
   *
   * @throws NoSuchChannel also when it is out of reach: the caller can't tell which
   */
  async find(channelId: ChannelId, principal: Principal): Promise<ChannelRow> {
    // From the stream when it's connected, but not projected yet.
    const row = (await this.rows.find(channelId)) ?? (await this.streams.row(channelId));
    if (!row || judge(principal, 'channel.read', row.workspaceId) !== 'permitted') {
      throw new NoSuchChannel();
    }
    return row;
  }
}
