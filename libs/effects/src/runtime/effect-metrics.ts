import type { ChannelDisconnected, DisconnectionEvent, EffectName } from '@app/domain';
import { announcedEffects, effectNames } from '@app/domain';
import { counter, gauge, histogram } from '@app/observability';

/** Seconds: what is usual, what is slow, and what comes near to a deadline. */
const buckets = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 43_200, 72_000, 86_400];

const effectSeconds = histogram({
  name: 'postbreeze_effect_duration_seconds',
  help: "From a disconnect's request to the end of one of its effects.",
  labels: ['effect', 'platform'],
  buckets,
});

const disconnectionSeconds = histogram({
  name: 'postbreeze_disconnection_duration_seconds',
  help: "From a disconnect's request to the end of its last effect.",
  labels: ['platform'],
  buckets,
});

/** All but DONE are of a revocation. */
const outcomes = [
  ...announcedEffects.map((effect) => ({ effect, outcome: 'DONE' })),
  ...(['DONE', 'NOT_SUPPORTED', 'KEPT_SHARED', 'FAILED'] as const).map((outcome) => ({
    effect: 'grant-revocation',
    outcome,
  })),
];

const finished = counter({
  name: 'postbreeze_effects_finished_total',
  help: 'Outcomes of effects that were recorded; FAILED is a grant that must be withdrawn by hand.',
  labels: ['effect', 'outcome'],
  zeroes: outcomes,
});

const failures = counter({
  name: 'postbreeze_effect_failures_total',
  help: 'Tries of effects that failed: to be tried again, or parked, because that was the last one.',
  labels: ['effect', 'then'],
  zeroes: announcedEffects.flatMap((effect) => [
    { effect, then: 'again' },
    { effect, then: 'parked' },
  ]),
});

const skipped = counter({
  name: 'postbreeze_messages_skipped_total',
  help: "Messages that asked for an effect and were kept aside: not ours, malformed, or refused by the channel's stream.",
  labels: ['effect'],
  zeroes: announcedEffects.map((effect) => ({ effect })),
});

const running = gauge({
  name: 'postbreeze_effects_running',
  help: 'Effects that this process works on at the moment.',
  labels: ['effect'],
});
for (const effect of effectNames) running.set({ effect }, 0);

/** Does the work, and shows meanwhile that it is done. */
export async function whileRunning<T>(effect: EffectName, work: () => Promise<T>): Promise<T> {
  running.inc({ effect });
  try {
    return await work();
  } finally {
    running.dec({ effect });
  }
}

export function countFailure(effect: EffectName, parked: boolean): void {
  failures.inc({ effect, then: parked ? 'parked' : 'again' });
}

export function countSkipped(effect: EffectName, messages = 1): void {
  skipped.inc({ effect }, messages);
}

/** @param appended what stands in the stream of a disconnection since this moment */
export function measureRecorded(
  { platform, requestedAt }: ChannelDisconnected['data'],
  appended: readonly DisconnectionEvent[],
): void {
  const secondsTo = (time: string): number =>
    Math.max(0, (Date.parse(time) - Date.parse(requestedAt)) / 1_000);
  for (const event of appended) {
    if (event.type === 'EffectFinished') {
      const { effect, status, finishedAt } = event.data;
      finished.inc({ effect, outcome: status });
      effectSeconds.observe({ effect, platform }, secondsTo(finishedAt));
    }
    if (event.type === 'DisconnectionCompleted') {
      disconnectionSeconds.observe({ platform }, secondsTo(event.data.completedAt));
    }
  }
}
