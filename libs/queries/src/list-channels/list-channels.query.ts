import { Query } from '@nestjs/cqrs';
import type { Principal } from '@app/access';
import type { ChannelRow, WorkspaceId } from '@app/domain';

export interface ChannelPage {
  readonly data: readonly ChannelRow[];
  /** To be sent back for the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/** The channels that are not DISCONNECTED, newest-connected first. */
export class ListChannels extends Query<ChannelPage> {
  constructor(
    readonly principal: Principal,
    /** One workspace; undefined for all that the key reaches. */
    readonly workspaceId: WorkspaceId | undefined,
    /** 1 to 200 */
    readonly limit: number,
    readonly cursor: string | undefined,
  ) {
    super();
  }
}
