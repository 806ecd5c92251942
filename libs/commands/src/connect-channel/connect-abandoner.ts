import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { failpoint, Settings } from '@app/config';
import type { ChannelId } from '@app/domain';
import { abandonConnect } from '@app/domain';
import { channelStream, decideAndAppend, EventStore } from '@app/event-store';
import { addJob } from '@app/jobs';
import { linesOf } from '@app/observability';
import { IdempotencyKeys, KnownHistory, Registry } from '@app/registry';
import { TokenVault } from '@app/token-vault';
import { channelFolding } from '../channel-folding';
import { Clock } from '../clock';

/** The job that gives up a connect which has not finished in time. */
export const abandonConnectTask = 'abandon-connect';

/**
 * Gives up a connect that never finished: `ConnectAbandoned` as the stream's first event, then the
 * claim and the key are free and the tokens are gone. Every step may be repeated, so whoever comes
 * next goes on where another one died: the job, the next claimant, or the same key again.
 */
@Injectable()
export class ConnectAbandoner {
  private readonly say = linesOf(ConnectAbandoner.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly events: EventStore,
    private readonly registry: Registry,
    private readonly history: KnownHistory,
    private readonly keys: IdempotencyKeys,
    private readonly vault: TokenVault,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Has a claim looked at when its time is over, in the transaction that makes the claim. */
  schedule(manager: EntityManager, channelId: ChannelId): Promise<void> {
    return addJob(manager, {
      task: abandonConnectTask,
      payload: { channelId },
      key: `${abandonConnectTask}:${channelId}`,
      runAfterMs: this.settings.connectAbandonAfterMs,
    });
  }

  /**
   * Whoever appends first decides. A stream that is not there decides nothing where the registry knows
   * better: of a channel that is live, or in a store that lacks more than this.
   *
   * @param cause the request or the job that wants it given up
   * @returns false when the connect finished after all
   * @throws UnknownHistory, EventStoreUnavailable
   */
  async abandon(channelId: ChannelId, cause: string): Promise<boolean> {
    const { manager } = this.dataSource;
    if (!(await this.registry.isUnfinished(manager, channelId))) return false;
    const { state } = await decideAndAppend(
      this.events,
      channelStream(channelId),
      channelFolding,
      async (channel) => {
        if (channel.kind === 'UNBORN') await this.history.requireWhole();
        return abandonConnect(channel, { channelId, now: this.clock.now() });
      },
      { correlationId: cause, causationId: cause, actor: 'internal' },
    );
    if (state.kind === 'LIVE') await this.registry.goLive(manager, channelId);
    if (state.kind !== 'ABANDONED') return false;
    failpoint('abandon:appended');
    await this.clear(channelId);
    this.say('connect given up', { channelId, causationId: cause });
    return true;
  }

  /** What is left of a connect whose stream says that it was given up. */
  async clear(channelId: ChannelId): Promise<void> {
    const abandonedAt = this.clock.now();
    await this.dataSource.transaction(async (manager) => {
      await this.registry.recordEnding(manager, channelId, 'abandoned', abandonedAt);
      await this.registry.end(manager, channelId);
      await this.keys.release(manager, channelId);
      const workspaceId = await this.registry.claimantOf(manager, channelId);
      if (workspaceId !== undefined) await this.vault.wipe(manager, { channelId, workspaceId });
    });
  }
}
