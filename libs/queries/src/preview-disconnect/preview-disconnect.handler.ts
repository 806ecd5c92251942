import type { IQueryHandler } from '@nestjs/cqrs';
import { QueryHandler } from '@nestjs/cqrs';
import { Settings } from '@app/config';
import { isGrantRevocable } from '@app/domain';
import { AlreadyDisconnected } from '../query-errors';
import { ReadableChannels } from '../readable-channels';
import { ChannelContents } from './channel-contents';
import type { DisconnectPreview } from './preview-disconnect.query';
import { PreviewDisconnect } from './preview-disconnect.query';

@QueryHandler(PreviewDisconnect)
export class PreviewDisconnectHandler implements IQueryHandler<PreviewDisconnect> {
  constructor(
    private readonly channels: ReadableChannels,
    private readonly contents: ChannelContents,
    private readonly settings: Settings,
  ) {}

  async execute({ channelId, principal }: PreviewDisconnect): Promise<DisconnectPreview> {
    const row = await this.channels.find(channelId, principal);
    // Zeros would look like a connected account without content.
    if (row.status === 'DISCONNECTED') throw new AlreadyDisconnected();

    const found = await this.contents.find(channelId, [...principal.reach.keys()]);
    const revocable = isGrantRevocable(row.platform, this.settings.revokedGrants);
    return {
      accountId: row.id,
      workspaceId: row.workspaceId,
      platform: row.platform,
      targets: found.targets,
      cached: found.cached,
      grant: {
        revocable,
        sharedWith: found.sharedInReach,
        willRevoke: revocable && !found.sharedAnywhere,
      },
      asOf: found.asOf,
    };
  }
}
