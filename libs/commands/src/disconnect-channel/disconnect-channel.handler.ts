import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { judge } from '@app/access';
import { failpoint, Settings } from '@app/config';
import type { Channel, ChannelDisconnected, ChannelRow } from '@app/domain';
import { disconnect, planDisconnection, wantedEffects } from '@app/domain';
import { channelStream, decideAndAppend, EventStore } from '@app/event-store';
import { Registry } from '@app/registry';
import { channelFolding } from '../channel-folding';
import { Clock } from '../clock';
import { ChannelNotFound, RoleTooLow } from '../command-errors';
import { mayBeDone } from '../may-be-done';
import { DisconnectChannel } from './disconnect-channel.command';

@CommandHandler(DisconnectChannel)
export class DisconnectChannelHandler implements ICommandHandler<DisconnectChannel> {
  constructor(
    private readonly events: EventStore,
    private readonly registry: Registry,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  async execute({ channelId, principal, requestId }: DisconnectChannel): Promise<ChannelRow> {
    const now = this.clock.now();
    const { effectDeadlineHours, revokedGrants } = this.settings;
    const plan = planDisconnection(now, effectDeadlineHours, wantedEffects(revokedGrants));
    const actor = principal.userId;

    const { state } = await decideAndAppend(
      this.events,
      channelStream(channelId),
      channelFolding,
      (channel): ChannelDisconnected[] => {
        authorize(channel, principal);
        const decided = disconnect(channel, { now, actor, reason: 'USER_REQUEST', plan });
        failpoint('disconnect:decided');
        return decided;
      },
      { correlationId: requestId, causationId: requestId, actor },
    );

    const { row, end } = state as Extract<Channel, { kind: 'DISCONNECTED' }>;
    failpoint('disconnect:appended');
    // Also on a repeat: the first request may have died between its append and this.
    const { manager } = this.dataSource;
    await this.registry
      .recordEnding(manager, channelId, 'disconnected', end.requestedAt)
      .catch(mayBeDone);
    failpoint('disconnect:ended');
    return row;
  }
}

/** Whoever can't reach the workspace must not learn that the channel exists. */
function authorize(channel: Channel, principal: DisconnectChannel['principal']): void {
  if (channel.kind !== 'LIVE' && channel.kind !== 'DISCONNECTED') throw new ChannelNotFound();
  const verdict = judge(principal, 'channel.disconnect', channel.row.workspaceId);
  if (verdict === 'unreachable') throw new ChannelNotFound();
  if (verdict === 'forbidden') throw new RoleTooLow();
}
