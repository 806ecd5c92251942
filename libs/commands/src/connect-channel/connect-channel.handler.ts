import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { failpoint } from '@app/config';
import type { Channel, ChannelId, ChannelRow } from '@app/domain';
import { connect, DomainError } from '@app/domain';
import { channelStream, decideAndAppend, EventStore } from '@app/event-store';
import { KnownHistory, Registry } from '@app/registry';
import { channelFolding } from '../channel-folding';
import { Clock } from '../clock';
import { BoardWithoutPinterest } from '../command-errors';
import { mayBeDone } from '../may-be-done';
import { refuseCredentials } from '../refuse-credentials';
import { ClaimOpener } from './claim-opener';
import { ConnectAbandoner } from './connect-abandoner';
import { ConnectChannel } from './connect-channel.command';

/**
 * The channel as its first event left it: a repeat is answered as the first request was, whatever
 * has become of the channel since, and no answer has to be kept for that.
 */
const beginning: typeof channelFolding = {
  ...channelFolding,
  evolve: (channel, event) =>
    channel.kind === 'UNBORN' ? channelFolding.evolve(channel, event) : channel,
};

/**
 * Connects in three steps, each of which a repeat with the same Idempotency-Key takes up again:
 * the claim and the sealed tokens (one transaction), the event, and the claim going live.
 */
@CommandHandler(ConnectChannel)
export class ConnectChannelHandler implements ICommandHandler<ConnectChannel> {
  constructor(
    private readonly opener: ClaimOpener,
    private readonly abandoner: ConnectAbandoner,
    private readonly events: EventStore,
    private readonly registry: Registry,
    private readonly history: KnownHistory,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute(command: ConnectChannel): Promise<ChannelRow> {
    const { platform, defaultBoardId } = command.account;
    if (defaultBoardId !== null && platform !== 'PINTEREST') throw new BoardWithoutPinterest();
    refuseCredentials(command.account);
    const { channelId, grantRef } = await this.opener.open(command);
    failpoint('connect:opened');
    try {
      const row = await this.appendConnected(channelId, grantRef, command);
      failpoint('connect:appended');
      await this.registry.goLive(this.dataSource.manager, channelId).catch(mayBeDone);
      return row;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'CONNECT_ABANDONED') throw error;
      // Given up by a rival meanwhile, for good: the same key starts a new channel.
      await this.abandoner.clear(channelId);
      return this.execute(command);
    }
  }

  private async appendConnected(
    channelId: ChannelId,
    grantRef: string,
    { account, requestId }: ConnectChannel,
  ): Promise<ChannelRow> {
    const { tokens: _, grantSubject: __, actor, ...details } = account;
    const connectedAt = this.clock.now();
    const { state } = await decideAndAppend(
      this.events,
      channelStream(channelId),
      beginning,
      async (channel: Channel) => {
        // The only command that a store without our channels would take: the rest needs a stream.
        if (channel.kind === 'UNBORN') await this.history.requireWhole();
        return connect(channel, {
          ...details,
          channelId,
          grantRef,
          connectedAt,
          connectedBy: actor,
        });
      },
      { correlationId: requestId, causationId: requestId, actor },
    );
    return (state as Extract<Channel, { kind: 'LIVE' }>).row;
  }
}
