import { Injectable, Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { announcedEffects, effectNames } from '@app/domain';
import type { Reading, Sample } from '@app/observability';
import { gauge, MetricsModule, Scrapes } from '@app/observability';
import { SideDatabase, SideDatabaseModule } from '@app/persistence';
import type { WorkState } from './work';

const work = gauge({
  name: 'postbreeze_effects_open',
  help: 'Effects that are not recorded yet, by state: pending (waiting or running), parked (for an operator), done (to be recorded).',
  labels: ['effect', 'state'],
});
const open = gauge({
  name: 'postbreeze_disconnections_open',
  help: 'Disconnections with an effect that is not recorded.',
});
const oldest = gauge({
  name: 'postbreeze_disconnections_oldest_open_seconds',
  help: 'How long ago the oldest open disconnection was asked for; 0 when none is open.',
});
const toDeadline = gauge({
  name: 'postbreeze_disconnections_seconds_to_deadline',
  help: 'How far the next deadline of an open disconnection is away, negative once it has passed; absent when none is open.',
});
const alerted = gauge({
  name: 'postbreeze_disconnections_alerted',
  help: 'Open disconnections that were not done after EFFECT_ALERT_MINUTES.',
});
const overdue = gauge({
  name: 'postbreeze_disconnections_overdue',
  help: 'Open disconnections whose deadline has passed.',
});
const deadline = gauge({
  name: 'postbreeze_disconnection_deadline_seconds',
  help: "From a disconnect's request to its deadline: EFFECT_DEADLINE_HOURS.",
});
const messages = gauge({
  name: 'postbreeze_messages_parked',
  help: 'Disconnects on Kafka in a version that this release cannot read, by effect.',
  labels: ['effect'],
});
const failed = gauge({
  name: 'postbreeze_revocations_failed',
  help: 'Grants that were not withdrawn on their platform, for good, in the last 7 days.',
});
const kept = gauge({
  name: 'postbreeze_revocation_copies_overdue',
  help: 'Tokens kept for a revocation for longer than their hour: a key could not be destroyed.',
});

const openStates: readonly WorkState[] = ['pending', 'parked', 'done'];

/** SQL: how many of each there are, from the small indexes of what is open. */
const openWorkSql = `
  SELECT effect, state, count(*)::int AS count FROM effects.work
   WHERE state <> 'recorded' GROUP BY effect, state`;

/**
 * SQL: what the reconciler watches, without what is recorded but not looked at since. Every disconnect
 * plans all effects of $1; a revocation has a row as soon as the wipe has kept a token for it.
 */
const openDisconnectionsSql = `
  SELECT count(*)::int AS open, count(alerted_at)::int AS alerted,
         count(*) FILTER (WHERE deadline <= clock_timestamp())::int AS overdue,
         extract(epoch FROM clock_timestamp() - min(requested_at))::float AS oldest,
         extract(epoch FROM min(deadline) - clock_timestamp())::float AS "toDeadline"
    FROM effects.disconnections watched
   WHERE settled_at IS NULL
     AND (EXISTS (SELECT FROM effects.work
                   WHERE work.channel_id = watched.channel_id AND state <> 'recorded')
          OR EXISTS (SELECT FROM unnest($1::text[]) AS planned (effect)
                      WHERE NOT EXISTS (SELECT FROM effects.work
                                         WHERE work.effect = planned.effect
                                           AND work.channel_id = watched.channel_id))
          OR EXISTS (SELECT FROM effects.work wipe
                      WHERE wipe.effect = 'token-wipe' AND wipe.channel_id = watched.channel_id
                        AND wipe.evidence ->> 'revocationCopyUntil' IS NOT NULL
                        AND NOT EXISTS (SELECT FROM effects.work
                                         WHERE work.effect = 'grant-revocation'
                                           AND work.channel_id = watched.channel_id)))`;

const parkedMessagesSql = `
  SELECT effect, count(*)::int AS count FROM effects.parked_messages GROUP BY effect`;

/** SQL: from the small index of what failed. A fact that comes once: a counter in memory could lose it. */
const failedRevocationsSql = `
  SELECT count(*)::int AS count FROM effects.work
   WHERE outcome = 'FAILED' AND effect = 'grant-revocation' AND finished_at > now() - interval '7 days'`;

const keptCopiesSql = `
  SELECT count(*)::int AS count FROM vault.revocation_copies WHERE until <= clock_timestamp()`;

interface Counted {
  readonly effect: string;
  readonly count: number;
}

interface OpenDisconnections {
  readonly open: number;
  readonly alerted: number;
  readonly overdue: number;
  readonly oldest: number | null;
  readonly toDeadline: number | null;
}

/** Tells what is not done yet, by the database: every process of this role tells the same. */
@Injectable()
class OpenWorkReading implements Reading {
  readonly name = 'open work';
  readonly gauges = [
    work,
    open,
    oldest,
    toDeadline,
    alerted,
    overdue,
    deadline,
    messages,
    failed,
    kept,
  ];

  constructor(
    scrapes: Scrapes,
    private readonly database: SideDatabase,
    private readonly settings: Settings,
  ) {
    scrapes.add(this);
  }

  async read(): Promise<Sample[]> {
    const [works, [disconnections], parked, [failures], [copies]] = await Promise.all([
      this.database.query<Counted & { state: WorkState }>(openWorkSql),
      this.database.query<OpenDisconnections>(openDisconnectionsSql, [announcedEffects]),
      this.database.query<Counted>(parkedMessagesSql),
      this.database.query<{ count: number }>(failedRevocationsSql),
      this.database.query<{ count: number }>(keptCopiesSql),
    ]);
    return [
      { of: deadline, value: this.settings.effectDeadlineHours * 3_600 },
      { of: failed, value: failures!.count },
      { of: kept, value: copies!.count },
      ...effectNames.flatMap((effect) =>
        openStates.map((state) => {
          const found = works.find((one) => one.effect === effect && one.state === state);
          return { of: work, labels: { effect, state }, value: found?.count ?? 0 };
        }),
      ),
      ...announcedEffects.map((effect) => ({
        of: messages,
        labels: { effect },
        value: parked.find((one) => one.effect === effect)?.count ?? 0,
      })),
      ...samplesOf(disconnections!),
    ];
  }
}

function samplesOf(found: OpenDisconnections): Sample[] {
  const next = found.toDeadline === null ? [] : [{ of: toDeadline, value: found.toDeadline }];
  return [
    { of: open, value: found.open },
    { of: alerted, value: found.alerted },
    { of: overdue, value: found.overdue },
    { of: oldest, value: Math.max(0, found.oldest ?? 0) },
    ...next,
  ];
}

@Module({ imports: [MetricsModule, SideDatabaseModule], providers: [OpenWorkReading] })
export class OpenWorkMetricsModule {}
