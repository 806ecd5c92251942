import type { Gauge } from 'prom-client';
import type { Settings } from '@app/config';
import { within } from '@app/config';
import { counter, emptied, registry } from './meters';

/** The value of one series. */
export interface Sample {
  readonly of: Gauge<string>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Gauges whose values have to be asked for, together. */
export interface Reading {
  /** As `postbreeze_scrape_errors_total` names it. */
  readonly name: string;
  /** All that it may set. */
  readonly gauges: readonly Gauge<string>[];
  /** Asks an engine, in a bounded way: an engine that hangs must not keep it for ever. */
  read(): Promise<readonly Sample[]>;
}

/** Milliseconds that a scrape waits for a reading; Prometheus itself gives up after 10 s. */
const waitMs = 2_000;

const errors = counter({
  name: 'postbreeze_scrape_errors_total',
  help: 'Readings whose engine did not answer a scrape in time: their gauges are absent from it.',
  labels: ['reading'],
});

/**
 * What a scrape is answered with. Readings are asked side by side, each at most once in a while and
 * never twice at the same time, however many scrape: an onlooker must not hurt what is looked at.
 */
export class Scrapes {
  private readonly shown: ShownReading[] = [];

  constructor(private readonly settings: Pick<Settings, 'metricsCacheMs'>) {}

  add(reading: Reading): void {
    errors.inc({ reading: reading.name }, 0);
    this.shown.push(new ShownReading(reading, this.settings.metricsCacheMs));
  }

  /** The process's metrics in Prometheus' text format, within seconds whatever hangs; never rejects. */
  async exposition(): Promise<string> {
    await Promise.all(this.shown.map((reading) => reading.refresh()));
    return registry.metrics();
  }
}

/** A reading whose latest values stand in its gauges, unless it failed. */
class ShownReading {
  private reading: Promise<readonly Sample[]> | undefined;
  private readAt = -Infinity;

  constructor(
    private readonly source: Reading,
    private readonly keptMs: number,
  ) {}

  async refresh(): Promise<void> {
    if (performance.now() - this.readAt < this.keptMs) return;
    try {
      const samples = await within(waitMs, this.begun());
      this.show(samples);
      this.readAt = performance.now();
    } catch {
      this.show([]);
      errors.inc({ reading: this.source.name });
    }
  }

  /** One that a former scrape has given up goes on: no second one beside it. */
  private begun(): Promise<readonly Sample[]> {
    this.reading ??= this.source.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private show(samples: readonly Sample[]): void {
    for (const gauge of this.source.gauges) emptied(gauge);
    for (const { of, labels = {}, value } of samples) of.set(labels, value);
  }
}
