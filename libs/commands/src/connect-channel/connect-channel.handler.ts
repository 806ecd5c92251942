import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { failpoint } from '@app/config';
import type { Channel, ChannelConnected, ChannelId, ChannelRow } from '@app/domain';
import { connect, DomainError, rowOf } from '@app/domain';
import { channelStream, decideAndAppend, EventStore } from '@app/event-store';
import { Registry } from '@app/registry';
import { channelFolding } from '../channel-folding';
import { Clock } from '../clock';
import { BoardWithoutPinterest } from '../command-errors';
import { MayBeDone } from '../may-be-done';
import { refuseCredentials } from '../refuse-credentials';
import { ClaimOpener } from './claim-opener';
import { ConnectAbandoner } from './connect-abandoner';
import { ConnectChannel } from './connect-channel.command';

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
      await this.registry.goLive(this.dataSource.manager, channelId).catch((error: unknown) => {
        throw new MayBeDone(error);
      });
      return row;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'CONNECT_ABANDONED') throw error;
      // Given up by a rival meanwhile, for good: the same key starts a new channel.
      await this.abandoner.clear(channelId);
      return this.execute(command);
    }
  }

  /** A repeat is answered as the first request was, whatever has become of the channel since. */
  private async firstOf(channelId: ChannelId): Promise<ChannelConnected> {
    const [first] = await this.events.read(channelStream(channelId));
    return first!.event as ChannelConnected;
  }

  private async appendConnected(
    channelId: ChannelId,
    grantRef: string,
    { account, requestId }: ConnectChannel,
  ): Promise<ChannelRow> {
    const { tokens: _, grantSubject: __, actor, ...details } = account;
    const connectedAt = this.clock.now();
    const { appended } = await decideAndAppend(
      this.events,
      channelStream(channelId),
      channelFolding,
      (channel: Channel) =>
        connect(channel, { ...details, channelId, grantRef, connectedAt, connectedBy: actor }),
      { correlationId: requestId, causationId: requestId, actor },
    );
    const first = appended[0] ?? (await this.firstOf(channelId));
    return rowOf(first.data);
  }
}
