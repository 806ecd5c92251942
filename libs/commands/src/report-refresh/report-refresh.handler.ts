import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import type { ChannelId } from '@app/domain';
import { recordRefreshFailure, scrubbed } from '@app/domain';
import type { EventContext } from '@app/event-store';
import { channelStream, decideAndAppend, EventStore } from '@app/event-store';
import { StoredTokens, TokenLeases, TokenVersionMismatch } from '@app/token-vault';
import { channelFolding } from '../channel-folding';
import { Clock } from '../clock';
import { mayBeDone } from '../may-be-done';
import { TokenEventFinisher } from '../token-changes/token-event-finisher';
import { RefreshedTokens } from './refreshed-tokens';
import type { RefreshFailed, RefreshSucceeded, ReportedRefresh } from './report-refresh.command';
import { ReportRefresh } from './report-refresh.command';

@CommandHandler(ReportRefresh)
export class ReportRefreshHandler implements ICommandHandler<ReportRefresh> {
  constructor(
    private readonly refreshed: RefreshedTokens,
    private readonly finisher: TokenEventFinisher,
    private readonly events: EventStore,
    private readonly dataSource: DataSource,
    private readonly stored: StoredTokens,
    private readonly leases: TokenLeases,
    private readonly clock: Clock,
  ) {}

  async execute({
    channelId: accountId,
    report,
    reporter,
    requestId,
  }: ReportRefresh): Promise<ReportedRefresh> {
    const actor = reporter.credentialId;
    const context = { correlationId: requestId, causationId: requestId, actor };
    const reported =
      report.outcome === 'REFRESHED'
        ? await this.takeTokens(accountId, report, context)
        : await this.takeFailure(accountId, report, context);
    const { version } = report;
    await this.leases.endRefresh(accountId, { ...reporter, version }).catch(mayBeDone);
    return reported;
  }

  private async takeTokens(
    accountId: ChannelId,
    report: RefreshSucceeded,
    context: EventContext,
  ): Promise<ReportedRefresh> {
    const version = await this.refreshed.take(accountId, report, context);
    return { accountId, outcome: 'REFRESHED', status: 'ACTIVE', version };
  }

  private async takeFailure(
    accountId: ChannelId,
    report: RefreshFailed,
    context: EventContext,
  ): Promise<ReportedRefresh> {
    // What is pending happened before this report, and must not be appended after it.
    await this.finisher.finish(accountId);
    await this.recordFailure(accountId, report, context);
    const { version, permanent } = report;
    const status = permanent ? 'TOKEN_EXPIRED' : 'ACTIVE';
    return { accountId, outcome: 'FAILED', status, version };
  }

  private async recordFailure(
    channelId: ChannelId,
    { version, platformStatus, code, reason, permanent }: RefreshFailed,
    context: EventContext,
  ): Promise<void> {
    const failure = {
      now: this.clock.now(),
      reason: scrubbed(await this.withoutTokens(channelId, `${code}: ${reason}`)),
      platformStatus,
      permanent,
    };
    await decideAndAppend(
      this.events,
      channelStream(channelId),
      channelFolding,
      async (channel) => {
        const decided = recordRefreshFailure(channel, failure);
        // After the stream was read: tokens that are replaced from now on let the append fail.
        if (version !== null) await this.requireVersion(channelId, version);
        return decided;
      },
      context,
    );
  }

  /** A platform may quote the very token that it refuses, whatever that looks like. */
  private async withoutTokens(channelId: ChannelId, text: string): Promise<string> {
    const { manager } = this.dataSource;
    const sealed = await this.stored.find(manager, channelId);
    const tokens = sealed && (await this.stored.open(manager, sealed));
    const secrets = [tokens?.accessToken, tokens?.refreshToken].filter((token) => !!token);
    return secrets.reduce<string>((rest, secret) => rest.replaceAll(secret!, '[removed]'), text);
  }

  /** A failure of tokens that were replaced since says nothing of those that are there. */
  private async requireVersion(channelId: ChannelId, version: number): Promise<void> {
    const stored = await this.stored.versionOf(this.dataSource.manager, channelId);
    if (stored !== version) throw new TokenVersionMismatch();
  }
}
