import type { IQueryHandler } from '@nestjs/cqrs';
import { QueryHandler } from '@nestjs/cqrs';
import { ChannelRows } from '../channel-rows';
import { WorkspaceOutOfReach } from '../query-errors';
import type { ChannelPage } from './list-channels.query';
import { ListChannels } from './list-channels.query';
import { decodeCursor, encodeCursor } from './listing-cursor';

@QueryHandler(ListChannels)
export class ListChannelsHandler implements IQueryHandler<ListChannels> {
  constructor(private readonly rows: ChannelRows) {}

  async execute({ principal, workspaceId, limit, cursor }: ListChannels): Promise<ChannelPage> {
    if (workspaceId !== undefined && !principal.reach.has(workspaceId)) {
      throw new WorkspaceOutOfReach();
    }
    const workspaceIds = workspaceId === undefined ? [...principal.reach.keys()] : [workspaceId];
    const after = cursor === undefined ? null : decodeCursor(cursor);

    // One more than asked tells whether there is a next page.
    const found = await this.rows.list(workspaceIds, limit + 1, after);
    const data = found.slice(0, limit);
    const last = data[data.length - 1];
    return { data, nextCursor: found.length > limit && last ? encodeCursor(last) : null };
  }
}
