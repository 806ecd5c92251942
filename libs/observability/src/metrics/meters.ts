import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Everything that this process measures: one registry, as there is one log. */
export const registry = new Registry();

/** What a meter is. Its name has a base unit: `_seconds`, or `_total` for what only grows. */
interface Meter<Label extends string> {
  /** `postbreeze_…` */
  readonly name: string;
  /** One sentence, for whoever meets it in a query. */
  readonly help: string;
  /** Each with few values, all of them known: never an id, a name that somebody chose, or a text. */
  readonly labels?: readonly Label[];
}

/** The values of the labels of one series. */
export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** What only grows. `zeroes`: series that are shown from the start, so that a first one is a rise. */
export function counter<Label extends string = never>({
  zeroes = [],
  ...meter
}: Meter<Label> & { readonly zeroes?: readonly Labels<Label>[] }): Counter<Label> {
  const made = new Counter<Label>(configurationOf(meter));
  for (const labels of zeroes) made.inc(labels, 0);
  return made;
}

/** How long something takes, or how much of it there is, each time. */
export function histogram<Label extends string = never>({
  buckets,
  ...meter
}: Meter<Label> & { readonly buckets: readonly number[] }): Histogram<Label> {
  const configuration = { ...configurationOf(meter), buckets: [...buckets] };
  return new Histogram<Label>(configuration);
}

/** What rises and falls; without a series until it is set. */
export function gauge<Label extends string = never>(meter: Meter<Label>): Gauge<Label> {
  const made = new Gauge<Label>(configurationOf(meter));
  emptied(made);
  return made;
}

/** Takes every series of a gauge away: what isn't known is absent, never 0. */
export function emptied(gauge: Gauge<string>): void {
  gauge.reset();
  // One without labels is set to 0 by a reset.
  if ((gauge as unknown as { labelNames: readonly string[] }).labelNames.length === 0)
    gauge.remove();
}

function configurationOf<Label extends string>({ name, help, labels = [] }: Meter<Label>) {
  return { name, help, labelNames: [...labels], registers: [registry] };
}
