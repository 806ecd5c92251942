import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import type { EntityManager } from 'typeorm';
import type { Channel, ChannelReauthorized, ChannelRow } from '@app/domain';
import { reauthorize } from '@app/domain';
import { Grants, Registry } from '@app/registry';
import type { TokensReplaced } from '@app/token-vault';
import { Keyring } from '@app/token-vault';
import { Clock } from '../clock';
import { GrantRevoked } from '../command-errors';
import { grantRefOf } from '../grant-ref';
import { refuseCredentials } from '../refuse-credentials';
import { TokenReplacer } from '../token-changes/token-replacer';
import { ReauthorizeChannel } from './reauthorize-channel.command';

/**
 * The tokens and the grant that they belong to are stored together, before the event: whoever asks
 * which channels a withdrawn grant ends must never miss one that has its tokens already.
 */
@CommandHandler(ReauthorizeChannel)
export class ReauthorizeChannelHandler implements ICommandHandler<ReauthorizeChannel> {
  constructor(
    private readonly replacer: TokenReplacer,
    private readonly registry: Registry,
    private readonly grants: Grants,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async execute({ channelId, grant, requestId }: ReauthorizeChannel): Promise<ChannelRow> {
    refuseCredentials(grant);
    const { tokens, grantSubject, ...details } = grant;
    const { actor, tokenExpiresAt } = details;
    const now = this.clock.now();
    const { channel } = await this.replacer.replace({
      channelId,
      tokens,
      tokenExpiresAt,
      // Whatever was there: somebody has logged in again, which no refresh can overtake.
      replaces: null,
      reportFingerprint: null,
      decide: (state) =>
        reauthorize(state, { ...details, now, grantRef: this.grantRefOf(state, grantSubject) }),
      storeBeside: (manager, event) => this.regrant(manager, event),
      context: { correlationId: requestId, causationId: requestId, actor },
    });
    return (channel as Extract<Channel, { kind: 'LIVE' }>).row;
  }

  /** Nothing for a channel that isn't live: the decision refuses it anyway. */
  private grantRefOf(channel: Channel, grantSubject: string): string {
    return channel.kind === 'LIVE'
      ? grantRefOf(this.keyring, channel.row.platform, grantSubject)
      : '';
  }

  private async regrant(manager: EntityManager, event: TokensReplaced): Promise<void> {
    const { channelId, grantRef, grantedAt, reauthorizedAt } = (event as ChannelReauthorized).data;
    if (await this.grants.isRevokedSince(manager, grantRef, grantedAt)) throw new GrantRevoked();
    await this.registry.regrant(manager, channelId, grantRef, reauthorizedAt);
  }
}
