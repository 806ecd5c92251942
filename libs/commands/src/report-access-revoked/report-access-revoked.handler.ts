import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import type { Channel, ChannelRow } from '@app/domain';
import { revokeAccess } from '@app/domain';
import { channelStream, decideAndAppend, EventStore } from '@app/event-store';
import { channelFolding } from '../channel-folding';
import { Clock } from '../clock';
import { TokenEventFinisher } from '../token-changes/token-event-finisher';
import { ReportAccessRevoked } from './report-access-revoked.command';

@CommandHandler(ReportAccessRevoked)
export class ReportAccessRevokedHandler implements ICommandHandler<ReportAccessRevoked> {
  constructor(
    private readonly events: EventStore,
    private readonly finisher: TokenEventFinisher,
    private readonly clock: Clock,
  ) {}

  async execute({ channelId, credentialId, requestId }: ReportAccessRevoked): Promise<ChannelRow> {
    // A reauthorization that stored its tokens and died comes first: what is reported now is
    // about those, and its event mustn't make the channel ACTIVE again afterwards.
    await this.finisher.finish(channelId);
    const now = this.clock.now();
    const { state } = await decideAndAppend(
      this.events,
      channelStream(channelId),
      channelFolding,
      (channel) => revokeAccess(channel, { now }),
      { correlationId: requestId, causationId: requestId, actor: credentialId },
    );
    return (state as Extract<Channel, { kind: 'LIVE' }>).row;
  }
}
