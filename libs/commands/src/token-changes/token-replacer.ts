import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { backOffMs, failpoint } from '@app/config';
import type { Channel, ChannelId } from '@app/domain';
import type { EventContext } from '@app/event-store';
import type { PendingTokenEvent, Replacement, TokensReplaced } from '@app/token-vault';
import { TokenEventPending, TokenSealer, TokenVersionMismatch } from '@app/token-vault';
import type { FinishedStream } from './token-event-finisher';
import { TokenEventFinisher } from './token-event-finisher';

/** New tokens for a channel that has some. */
export interface NewTokens extends Omit<Replacement, 'event'> {
  readonly channelId: ChannelId;
  /**
   * Pure, and may run more than once; what it throws reaches the caller, and nothing is stored.
   *
   * @param version of the new tokens in the vault
   */
  readonly decide: (channel: Channel, version: number) => readonly TokensReplaced[];
  /** What has to be stored together with the tokens; first, since effects lock in that order too. */
  readonly storeBeside?: (manager: EntityManager, event: TokensReplaced) => Promise<void>;
  /** `causationId` must be the request's and no other's. */
  readonly context: EventContext;
}

/** How often another change of the same tokens is waited for before the caller is told. */
const maxAttempts = 6;
/** Milliseconds at most before it is tried again. */
const longestWaitMs = 200;

/**
 * Two stores: the vault first, on condition that nobody else has changed the row, with the event
 * kept in it; then the stream. Whatever happens in between, the event follows, or never can.
 */
@Injectable()
export class TokenReplacer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sealer: TokenSealer,
    private readonly finisher: TokenEventFinisher,
  ) {}

  /**
   * @returns the channel with its new tokens, and their version
   * @throws DomainError as decided, TokensWiped, TokenVersionMismatch, EventStoreUnavailable
   */
  async replace(tokens: NewTokens): Promise<{ channel: Channel; version: number }> {
    const { channelId, decide } = tokens;
    for (let attempt = 1; ; attempt++) {
      const before = await this.finisher.finish(channelId);
      try {
        const { pending, version } = await this.store(before, tokens);
        const after = await this.finisher.finish(channelId);
        if (after.has(pending)) return { channel: after.channel, version };
        // Overtaken between the two stores: the channel says by what, or else newer tokens did it.
        decide(after.channel, version);
        throw new TokenVersionMismatch();
      } catch (error) {
        if (!(error instanceof TokenEventPending) || attempt === maxAttempts) throw error;
        await wait(backOffMs(attempt, longestWaitMs));
      }
    }
  }

  private async store({ channel }: FinishedStream, tokens: NewTokens) {
    const { channelId, decide, context, storeBeside } = tokens;
    // A refusal first, so that it never waits for a lock; it also says whose workspace it is.
    const [decided] = decide(channel, 0);
    const { workspaceId } = (channel as Extract<Channel, { kind: 'LIVE' }>).row;
    let pending: PendingTokenEvent | undefined;
    const version = await this.dataSource.transaction(async (manager) => {
      await storeBeside?.(manager, decided!);
      return this.sealer.reseal(
        manager,
        { channelId, workspaceId },
        {
          ...tokens,
          event: (next) => (pending = { event: decide(channel, next)[0]!, context }),
        },
      );
    });
    failpoint('tokens:stored');
    return { pending: pending!, version };
  }
}
