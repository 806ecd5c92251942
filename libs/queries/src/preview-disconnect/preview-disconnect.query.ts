import { Query } from '@nestjs/cqrs';
import type { Principal } from '@app/access';
import type { ChannelId, Platform, WorkspaceId } from '@app/domain';

/** A target that a disconnect would cancel; `scheduledFor` is ISO 8601 UTC. */
export interface UpcomingTarget {
  readonly postId: string;
  readonly scheduledFor: string;
}

/** What a disconnect would do, as of one moment. */
export interface DisconnectPreview {
  readonly accountId: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly platform: Platform;
  readonly targets: {
    /** Scheduled, or waiting for an approval. */
    readonly toCancel: number;
    /** Left to finish. */
    readonly publishingNow: number;
    /** The first five that have a time, the soonest first. */
    readonly next: readonly UpcomingTarget[];
  };
  /** What would be deleted. */
  readonly cached: { readonly analyticsSnapshots: number; readonly comments: number };
  readonly grant: {
    /** The platform has a way to withdraw it, and it is configured. */
    readonly revocable: boolean;
    /** Other connected accounts on the same grant, in workspaces that the key reaches. */
    readonly sharedWith: number;
    /** Revocable, and no connected account of any workspace shares it. */
    readonly willRevoke: boolean;
  };
  /** ISO 8601 UTC, on database time. */
  readonly asOf: string;
}

/** What a disconnect of this channel would do, for any member of its workspace. Writes nothing. */
export class PreviewDisconnect extends Query<DisconnectPreview> {
  constructor(
    readonly channelId: ChannelId,
    readonly principal: Principal,
  ) {
    super();
  }
}
