import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type {
  ChannelId,
  Disconnection,
  DisconnectionEvent,
  EffectOutcome,
  PlannedEffect,
} from '@app/domain';
import { evolveDisconnection, openDisconnection, recordOutcome } from '@app/domain';
import type { Folding, RecordedEvent } from '@app/event-store';
import { channelStream, decideAndAppend, disconnectionStream, EventStore } from '@app/event-store';
import type { Patience } from '@app/config';
import { failpoint } from '@app/config';
import { untilAnswered } from './until-answered';
import { markRecorded, outcomesToRecord } from './work';

const disconnectionFolding: Folding<Disconnection, DisconnectionEvent> = {
  initial: openDisconnection,
  evolve: evolveDisconnection,
};

/**
 * Carries outcomes from `effects.work` into `disconnection-<channel id>`. It folds that stream
 * before it appends, so that a crash between the append and the mark repeats nothing.
 */
@Injectable()
export class Recorder {
  constructor(
    private readonly dataSource: DataSource,
    private readonly store: EventStore,
  ) {}

  /** Records every effect of the channel that is done and not recorded yet. */
  async record(channelId: ChannelId, patience: Patience): Promise<void> {
    const outcomes = await outcomesToRecord(this.dataSource.manager, channelId);
    if (outcomes.length === 0) return;
    failpoint('recorder:read');
    await untilAnswered(() => this.append(channelId, outcomes), patience);
    failpoint('recorder:appended');
    const effects = outcomes.map(({ effect }) => effect);
    await markRecorded(this.dataSource.manager, channelId, effects);
    failpoint('recorder:marked');
  }

  private async append(channelId: ChannelId, outcomes: readonly EffectOutcome[]): Promise<void> {
    const end = await this.store.readLast(channelStream(channelId));
    // It never was a channel, so nobody was promised anything.
    if (end?.event.type === 'ConnectAbandoned') return;
    const { plan } = disconnectedOf(channelId, end);
    await decideAndAppend(
      this.store,
      disconnectionStream(channelId),
      disconnectionFolding,
      (disconnection) => recordOutcomes(disconnection, plan, outcomes),
      { correlationId: end!.metadata.correlationId, causationId: end!.id, actor: 'subscribers' },
    );
  }
}

/** Several outcomes in one decision, so that they stand in one append. */
export function recordOutcomes(
  disconnection: Disconnection,
  plan: readonly PlannedEffect[],
  outcomes: readonly EffectOutcome[],
): DisconnectionEvent[] {
  const decided: DisconnectionEvent[] = [];
  let state = disconnection;
  for (const outcome of outcomes) {
    const events = recordOutcome(state, plan, outcome);
    state = events.reduce(evolveDisconnection, state);
    decided.push(...events);
  }
  return decided;
}

function disconnectedOf(channelId: ChannelId, end: RecordedEvent | undefined) {
  if (end?.event.type !== 'ChannelDisconnected') {
    throw new Error(`${channelId} has outcomes, but its stream doesn't end with its disconnect`);
  }
  return end.event.data;
}
