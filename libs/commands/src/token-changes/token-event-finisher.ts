import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { backOffMs, failpoint } from '@app/config';
import type { Channel, ChannelEvent, ChannelId } from '@app/domain';
import { confirmNewTokens, DomainError } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { channelStream, EventStore, tellAppended, WrongExpectedRevision } from '@app/event-store';
import { KnownHistory } from '@app/registry';
import type { PendingTokenEvent } from '@app/token-vault';
import { forgetPending, pendingEventOf } from '@app/token-vault';
import { channelFolding } from '../channel-folding';

/** A channel's stream with nothing pending beside it. */
export interface FinishedStream {
  readonly channel: Channel;
  readonly events: readonly ChannelEvent[];
  /** Whether a request's event of new tokens stands in the stream. */
  readonly has: (pending: PendingTokenEvent) => boolean;
}

/** How often a lost race for the stream is run again before the caller is told. */
const maxAttempts = 6;
/** Milliseconds at most before it is run again. */
const longestWaitMs = 200;

/**
 * Carries the event of new tokens from their vault row into the stream. Safe at any time and from
 * any process: the request itself, a job after its process has died, or whoever needs the row next.
 */
@Injectable()
export class TokenEventFinisher {
  constructor(
    private readonly dataSource: DataSource,
    private readonly events: EventStore,
    private readonly history: KnownHistory,
  ) {}

  /**
   * @throws WrongExpectedRevision after six lost races, UnknownHistory, EventStoreUnavailable
   */
  async finish(channelId: ChannelId): Promise<FinishedStream> {
    const { manager } = this.dataSource;
    for (let attempt = 1; ; attempt++) {
      // The row before the stream: an event leaves it only once it stands in the stream, so when
      // there is none, this read has whatever rivals have carried over.
      const hadPending = await pendingEventOf(manager, channelId);
      const recorded = await this.events.read(channelStream(channelId));
      if (!hadPending) return finished(recorded);
      // And the row again: what was appended before that read was pending before it, so the row
      // can't name an event here that a later one in the stream has overtaken.
      const pending = await pendingEventOf(manager, channelId);
      if (!pending) continue;
      try {
        // Of a stream that is not there it would be forgotten, as of one that has ended.
        if (recorded.length === 0) await this.history.requireWhole();
        if (!stands(recorded, pending)) await this.append(channelId, recorded, pending);
        failpoint('tokens:appended');
        await forgetPending(manager, channelId, pending);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt >= maxAttempts) throw error;
        await wait(backOffMs(attempt, longestWaitMs));
      }
    }
  }

  /** Nothing when the channel has ended or lost its grant meanwhile: no such event may follow. */
  private async append(
    channelId: ChannelId,
    recorded: readonly RecordedEvent[],
    { event, context }: PendingTokenEvent,
  ): Promise<void> {
    try {
      const confirmed = confirmNewTokens(fold(recorded), event);
      const revision = recorded.at(-1)?.revision ?? 'no_stream';
      const stream = channelStream(channelId);
      const appended = await this.events.append(stream, revision, confirmed, context);
      tellAppended({ ...appended, events: confirmed, context });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
}

function finished(recorded: readonly RecordedEvent[]): FinishedStream {
  const events = recorded.map(({ event }) => event as ChannelEvent);
  return { channel: fold(recorded), events, has: (pending) => stands(recorded, pending) };
}

/** A request's id is nobody else's, so it tells which event is that request's. */
function stands(recorded: readonly RecordedEvent[], { event, context }: PendingTokenEvent) {
  return recorded.some(
    (other) =>
      other.event.type === event.type && other.metadata.causationId === context.causationId,
  );
}

function fold(recorded: readonly RecordedEvent[]): Channel {
  return recorded.reduce(
    (channel, { event }) => channelFolding.evolve(channel, event as ChannelEvent),
    channelFolding.initial,
  );
}
