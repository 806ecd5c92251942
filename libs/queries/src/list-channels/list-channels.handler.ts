import type { IQueryHandler } from '@nestjs/cqrs';
import { QueryHandler } from '@nestjs/cqrs';
import { isId } from '@app/domain';
import type { ListingPosition } from '../channel-rows';
import { ChannelRows } from '../channel-rows';
import { BadCursor, WorkspaceOutOfReach } from '../query-errors';
import type { ChannelPage } from './list-channels.query';
import { ListChannels } from './list-channels.query';

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

function encodeCursor({ connectedAt, id }: ListingPosition): string {
  return Buffer.from(`${connectedAt} ${id}`).toString('base64url');
}

function decodeCursor(cursor: string): ListingPosition {
  const [connectedAt = '', id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (Number.isNaN(Date.parse(connectedAt)) || !isId('channel', id)) throw new BadCursor();
  return { connectedAt, id };
}
