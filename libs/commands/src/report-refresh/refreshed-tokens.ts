import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Channel, ChannelId } from '@app/domain';
import { recordRefresh } from '@app/domain';
import type { EventContext } from '@app/event-store';
import { Keyring, StoredTokens, TokenVersionMismatch } from '@app/token-vault';
import { Clock } from '../clock';
import { TokenEventFinisher } from '../token-changes/token-event-finisher';
import { TokenReplacer } from '../token-changes/token-replacer';
import type { RefreshSucceeded } from './report-refresh.command';

/** Takes in what a successful refresh brought, once. */
@Injectable()
export class RefreshedTokens {
  constructor(
    private readonly dataSource: DataSource,
    private readonly replacer: TokenReplacer,
    private readonly finisher: TokenEventFinisher,
    private readonly stored: StoredTokens,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the version of the new tokens; the same for the same report again
   * @throws DomainError CHANNEL_NOT_FOUND, CHANNEL_DISCONNECTED, REAUTHORIZATION_REQUIRED
   * @throws TokensWiped, TokenVersionMismatch for a report that comes late
   */
  async take(
    channelId: ChannelId,
    report: RefreshSucceeded,
    context: EventContext,
  ): Promise<number> {
    const next = report.version + 1;
    const fingerprint = this.keyring.fingerprint('request', JSON.stringify([channelId, report]));
    const isRepeat = (): Promise<boolean> => this.isRecorded(channelId, next, fingerprint);
    if (await isRepeat()) return next;
    try {
      await this.replace(channelId, report, fingerprint, context);
    } catch (error) {
      // A repeat at the same time may have been first.
      if (!(error instanceof TokenVersionMismatch) || !(await isRepeat())) throw error;
    }
    return next;
  }

  private async replace(
    channelId: ChannelId,
    report: RefreshSucceeded,
    reportFingerprint: string,
    context: EventContext,
  ): Promise<void> {
    const { version: replaces, accessToken, tokenExpiresAt } = report;
    const now = this.clock.now();
    const refreshToken =
      report.refreshToken === undefined
        ? await this.formerRefreshToken(channelId, replaces)
        : report.refreshToken;
    await this.replacer.replace({
      channelId,
      tokens: { accessToken, refreshToken },
      tokenExpiresAt,
      replaces,
      reportFingerprint,
      decide: (channel: Channel, tokenVersion) =>
        recordRefresh(channel, { now, tokenExpiresAt, tokenVersion }),
      context,
    });
  }

  /** Another version's would be of no use: that report is refused for its version anyway. */
  private async formerRefreshToken(channelId: ChannelId, version: number): Promise<string | null> {
    const { manager } = this.dataSource;
    const stored = await this.stored.find(manager, channelId);
    if (stored?.version !== version) return null;
    return (await this.stored.open(manager, stored))?.refreshToken ?? null;
  }

  /** The report was taken in before, the stream says so, and the channel still lives. */
  private async isRecorded(
    channelId: ChannelId,
    version: number,
    fingerprint: string,
  ): Promise<boolean> {
    const { manager } = this.dataSource;
    if (!(await this.stored.cameBy(manager, channelId, version, fingerprint))) return false;
    const { channel, events } = await this.finisher.finish(channelId);
    return (
      channel.kind === 'LIVE' &&
      events.some(
        (event) => event.type === 'ChannelTokenRefreshed' && event.data.tokenVersion === version,
      )
    );
  }
}
