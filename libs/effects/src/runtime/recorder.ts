import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type {
  ChannelId,
  Disconnection,
  DisconnectionEvent,
  EffectName,
  EffectOutcome,
  ParkedEffect,
  PlannedEffect,
} from '@app/domain';
import { evolveDisconnection, recordOutcome, recordParked } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { channelStream, decideAndAppend, disconnectionStream, EventStore } from '@app/event-store';
import type { Patience } from '@app/config';
import { failpoint } from '@app/config';
import type { SpanInfo } from '@app/observability';
import { inSpanBelow } from '@app/observability';
import { disconnectionFolding } from './disconnection-folding';
import { measureRecorded } from './effect-metrics';
import { markParkingsRecorded, parkingsOf } from './parking';
import { untilAnswered } from './until-answered';
import { markRecorded, outcomesOf } from './work';

/** What the rows of a channel know, and its stream doesn't. */
export interface Untold {
  readonly outcomes: readonly EffectOutcome[];
  readonly parkings: readonly ParkedEffect[];
}

/**
 * Carries outcomes and parkings from `effects.work` into `disconnection-<channel id>`. It folds that stream
 * before it appends, so that a crash between the append and the mark repeats nothing.
 */
@Injectable()
export class Recorder {
  constructor(
    private readonly dataSource: DataSource,
    private readonly store: EventStore,
  ) {}

  /** Records every effect of the channel that is done or parked, and not recorded yet. */
  async record(channelId: ChannelId, patience: Patience): Promise<void> {
    const { manager } = this.dataSource;
    const untold = {
      outcomes: await outcomesOf(manager, channelId, 'done'),
      parkings: await parkingsOf(manager, channelId, 'untold'),
    };
    if (untold.outcomes.length + untold.parkings.length === 0) return;
    failpoint('recorder:read');
    await untilAnswered(() => this.append(channelId, untold), patience);
    failpoint('recorder:appended');
    const effects = untold.outcomes.map(({ effect }) => effect);
    await markRecorded(manager, channelId, effects);
    if (untold.parkings.length > 0) {
      await markParkingsRecorded(manager, channelId, untold.parkings);
    }
    failpoint('recorder:marked');
  }

  private async append(channelId: ChannelId, untold: Untold): Promise<void> {
    const end = await this.store.readLast(channelStream(channelId));
    // It never was a channel, so nobody was promised anything.
    if (end?.event.type === 'ConnectAbandoned') return;
    const disconnected = disconnectedOf(channelId, end);
    const { correlationId, traceparent } = end!.metadata;
    const { appended } = await inSpanBelow(traceparent, recordSpan(channelId), () =>
      decideAndAppend(
        this.store,
        disconnectionStream(channelId),
        disconnectionFolding,
        (disconnection) => recordUntold(disconnection, disconnected.plan, untold),
        { correlationId, causationId: end!.id, actor: 'subscribers' },
      ),
    );
    measureRecorded(disconnected, appended);
  }
}

function recordSpan(channelId: ChannelId): SpanInfo {
  const attributes = { 'postbreeze.channel.id': channelId };
  return { name: 'record outcomes', kind: 'consumer', attributes };
}

/**
 * Everything in one decision, so that it stands in one append. What isn't planned was promised to nobody, and
 * holds up nothing else: a revocation, of a disconnect that a restored store lost and that was asked for again
 * where no provider is configured any more.
 */
export function recordUntold(
  disconnection: Disconnection,
  plan: readonly PlannedEffect[],
  { outcomes, parkings }: Untold,
): DisconnectionEvent[] {
  const decided: DisconnectionEvent[] = [];
  let state = disconnection;
  const follow = (events: readonly DisconnectionEvent[]): void => {
    state = events.reduce(evolveDisconnection, state);
    decided.push(...events);
  };
  const isPlanned = ({ effect }: { readonly effect: EffectName }): boolean =>
    plan.some((planned) => planned.effect === effect);
  for (const one of parkings.filter(isPlanned)) follow(recordParked(state, plan, one));
  for (const one of outcomes.filter(isPlanned)) follow(recordOutcome(state, plan, one));
  return decided;
}

function disconnectedOf(channelId: ChannelId, end: RecordedEvent | undefined) {
  if (end?.event.type !== 'ChannelDisconnected') {
    throw new Error(`${channelId} has outcomes, but its stream doesn't end with its disconnect`);
  }
  return end.event.data;
}
