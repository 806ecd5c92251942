import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Patience } from '@app/config';
import { Settings } from '@app/config';
import type { ChannelDisconnected, ChannelId, EffectName, PlannedEffect } from '@app/domain';
import { announcedEffects, deletionLimitOf, recordOverdue } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { channelStream, decideAndAppend, disconnectionStream, EventStore } from '@app/event-store';
import { inSpanBelow, linesOf } from '@app/observability';
import { disconnectionFolding } from '../runtime/disconnection-folding';
import { requestEffect } from '../runtime/jobs';
import { untilAnswered } from '../runtime/until-answered';
import type { WorkState } from '../runtime/work';
import { openWork, stateOfWork } from '../runtime/work';
import { recordFindings } from './findings';
import { countFindings, overdueDisconnections } from './reconciler-metrics';
import type { OpenWatch } from './watches';
import { markWatch, openWatch, requestLook } from './watches';

const minuteMs = 60_000;
/** Once everything is said, it is looked after all the same: a parked effect may be redriven. */
const hourMs = 60 * minuteMs;

type End = RecordedEvent & { readonly event: ChannelDisconnected };

/**
 * Looks after one disconnection until every planned effect is recorded in this database, whatever
 * the stream says: after a restored backup the stream knows of effects that this database has never
 * had. Nothing is done here: an effect that nobody was told of gets its work row, as does a revocation
 * whose row is lost, and the rest is said loudly.
 */
@Injectable()
export class DisconnectionWatch {
  private readonly say = linesOf(DisconnectionWatch.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly store: EventStore,
    private readonly settings: Settings,
  ) {}

  /** One look; unless all is settled, the next one is asked for. */
  async look(channelId: ChannelId, patience: Patience): Promise<void> {
    const { manager } = this.dataSource;
    const watch = await openWatch(manager, channelId);
    if (!watch) return;
    const end = await untilAnswered(() => this.store.readLast(channelStream(channelId)), patience);
    if (!isDisconnect(end)) throw new Error(`${channelId} is watched, but isn't disconnected`);
    const { plan } = end.event.data;

    const states = await stateOfWork(manager, channelId);
    const missing = announcedEffects.filter(
      (effect) => !states.has(effect) && plan.some((planned) => planned.effect === effect),
    );
    if (missing.length > 0) await this.askFor(end, missing);
    if (isRevocationLost(plan, states)) await this.beginRevocation(end);
    const open = plan.map(({ effect }) => effect).filter((one) => states.get(one) !== 'recorded');
    if (open.length === 0) return markWatch(manager, channelId, 'settled_at');

    const { now } = watch;
    const alertAt = new Date(
      Date.parse(end.event.data.requestedAt) + this.settings.effectAlertMinutes * minuteMs,
    );
    const deadlines = plan.map(({ deadline }) => new Date(deadline));
    if (!watch.alerted && now >= alertAt) await this.alert(end, open);
    if (!watch.overdue && deadlines.some((deadline) => now >= deadline)) {
      await untilAnswered(() => this.sayOverdue(end, now), patience);
    }
    await requestLook(manager, channelId, nextLookMs(watch, [alertAt, ...deadlines]));
  }

  /** Effects without a work row: their messages are lost or late, or their rows are restored away. */
  private async askFor(end: End, missing: readonly EffectName[]): Promise<void> {
    const { channelId } = end.event.data;
    this.say('no message has asked for these in time: started', {
      ...idsOf(end),
      effects: missing,
    });
    const findings = missing.map((effect) => ({
      kind: 'lost-message' as const,
      channelId,
      effect,
    }));
    await this.dataSource.transaction(async (manager) => {
      for (const effect of missing) {
        const work = { effect, channelId };
        if (await openWork(manager, work)) await requestEffect(manager, work);
      }
      await recordFindings(manager, findings);
    });
    countFindings(findings);
  }

  /** By whoever does it always: with its token it is done, without it fails, and that is recorded. */
  private async beginRevocation(end: End): Promise<void> {
    const work = { effect: 'grant-revocation', channelId: end.event.data.channelId } as const;
    this.say('a revocation was lost after the wipe that asked for it: begun', idsOf(end));
    await this.dataSource.transaction(async (manager) => {
      if (await openWork(manager, work)) await requestEffect(manager, work);
    });
  }

  private async alert(end: End, open: readonly EffectName[]): Promise<void> {
    const { effectAlertMinutes: afterMinutes } = this.settings;
    this.say('not done in time', { ...idsOf(end), effects: open, afterMinutes });
    await markWatch(this.dataSource.manager, end.event.data.channelId, 'alerted_at');
  }

  private async sayOverdue(end: End, now: Date): Promise<void> {
    const { event, id, metadata } = end;
    const { channelId, platform, requestedAt } = event.data;
    const { correlationId, traceparent } = metadata;
    const info = {
      name: 'record overdue',
      attributes: { 'postbreeze.channel.id': channelId },
    };
    const { appended } = await inSpanBelow(traceparent, info, () =>
      decideAndAppend(
        this.store,
        disconnectionStream(channelId),
        disconnectionFolding,
        (disconnection) => recordOverdue(disconnection, event.data, now.toISOString()),
        { correlationId, causationId: id, actor: 'subscribers' },
      ),
    );
    overdueDisconnections.inc(appended.length);
    for (const overdue of appended) {
      if (overdue.type !== 'DisconnectionOverdue') continue;
      const { deadline, open: effects } = overdue.data;
      const platformLimit = deletionLimitOf(platform, requestedAt);
      const late = { platform, effects, deadline, platformLimit };
      this.say('OVERDUE: the deadline of a disconnect', { ...idsOf(end), ...late });
    }
    await markWatch(this.dataSource.manager, channelId, 'overdue_at');
  }
}

/** The wipe makes its row in the transaction that ends the wipe itself: nobody else does. */
function isRevocationLost(
  plan: readonly PlannedEffect[],
  states: ReadonlyMap<EffectName, WorkState>,
): boolean {
  const wipe = states.get('token-wipe');
  return (
    (wipe === 'done' || wipe === 'recorded') &&
    !states.has('grant-revocation') &&
    plan.some(({ effect }) => effect === 'grant-revocation')
  );
}

function idsOf({ event, metadata }: End) {
  return { channelId: event.data.channelId, correlationId: metadata.correlationId };
}

function isDisconnect(end: RecordedEvent | undefined): end is End {
  return end?.event.type === 'ChannelDisconnected';
}

/** Milliseconds until the next of these times, an hour at most. */
function nextLookMs({ now }: OpenWatch, times: readonly Date[]): number {
  const ahead = times.map((time) => time.getTime() - now.getTime()).filter((ms) => ms > 0);
  return Math.min(hourMs, ...ahead);
}
