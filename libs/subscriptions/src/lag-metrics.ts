import type { DynamicModule } from '@nestjs/common';
import { Inject, Injectable, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { RecordedPlace } from '@app/event-store';
import { EventStore, EventStoreModule, hasReached } from '@app/event-store';
import type { Reading, Sample } from '@app/observability';
import { gauge, MetricsModule, Scrapes } from '@app/observability';
import type { Checkpoint } from '@app/persistence';
import { CheckpointStore, SideDatabase, SideDatabaseModule } from '@app/persistence';
import { countWaiting } from './lag';

const lagEvents = gauge({
  name: 'postbreeze_lag_events',
  help: 'Events that wait for a handler, by its checkpoint; about 5,000 are counted at most.',
  labels: ['handler'],
});

const lagSeconds = gauge({
  name: 'postbreeze_lag_seconds',
  help: 'How long the oldest event that waits for a handler has been recorded; 0 when none waits.',
  labels: ['handler'],
});

/** Reading what waits is work: for as long and for as many events as a scrape may cost. */
const countForMs = 200;
const countUpTo = 5_000;

/** Whose lag a process tells. */
export interface LagOf {
  /** Names of checkpoints. */
  readonly handlers: readonly string[];
  /** Those that come and go. */
  readonly further?: (dataSource: DataSource) => Promise<readonly string[]>;
}

const LAG_OF = Symbol('whose lag');

/**
 * Tells the lag by checkpoint, whoever leads: a process that stands by tells it as well, so that it is
 * known also while nobody leads.
 */
@Injectable()
class LagReading implements Reading {
  readonly name = 'lag';
  readonly gauges = [lagEvents, lagSeconds];

  constructor(
    scrapes: Scrapes,
    private readonly database: SideDatabase,
    private readonly events: EventStore,
    @Inject(LAG_OF) private readonly lagOf: LagOf,
  ) {
    scrapes.add(this);
  }

  async read(): Promise<Sample[]> {
    const dataSource = await this.database.open();
    const { handlers, further } = this.lagOf;
    const names = [...handlers, ...((await further?.(dataSource)) ?? [])];
    const store = new CheckpointStore(dataSource);
    const checkpoints = await Promise.all(
      names.map((name) => store.load(name, dataSource.manager)),
    );
    // After the checkpoints: what is appended in between only looks as if it waited.
    const last = await this.events.lastEvent();
    const samples: Sample[] = [];
    // One after another: each may read as much as it is allowed to.
    for (const [index, handler] of names.entries()) {
      samples.push(...(await this.samplesOf(handler, checkpoints[index]!, last)));
    }
    return samples;
  }

  private async samplesOf(
    handler: string,
    checkpoint: Checkpoint | null,
    last: RecordedPlace | null,
  ): Promise<Sample[]> {
    const caughtUp = !last || (checkpoint && hasReached(checkpoint.position, last.position));
    const { events, first } = caughtUp
      ? { events: 0 }
      : await countWaiting(this.events, checkpoint, countForMs, countUpTo);
    const seconds = first ? Math.max(0, (Date.now() - first.getTime()) / 1_000) : 0;
    const labels = { handler };
    return [
      { of: lagEvents, labels, value: events },
      { of: lagSeconds, labels, value: seconds },
    ];
  }
}

@Module({})
export class LagMetricsModule {
  static of(lagOf: LagOf): DynamicModule {
    return {
      module: LagMetricsModule,
      imports: [MetricsModule, EventStoreModule, SideDatabaseModule],
      providers: [{ provide: LAG_OF, useValue: lagOf }, LagReading],
    };
  }
}
