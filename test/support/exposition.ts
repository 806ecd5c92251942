import { registry } from '@app/observability';
import { waitFor } from '@app/testing';

/** One series of an exposition. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a role showed when it was scraped. */
export interface Exposition {
  readonly text: string;
  readonly series: readonly Series[];
  /** Of each metric, by its name, as `# TYPE` says it. */
  readonly types: ReadonlyMap<string, string>;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/**
 * Reads Prometheus' text format.
 *
 * @throws Error for a line that isn't of it
 */
export function parseExposition(text: string): Exposition {
  const series: Series[] = [];
  const types = new Map<string, string>();
  for (const written of text.split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(written);
    if (type) types.set(type[1]!, type[2]!);
    if (written === '' || written.startsWith('#')) continue;
    const [, name, labels = '', value] = line.exec(written) ?? [];
    if (name === undefined) throw new Error(`no line of an exposition: ${written}`);
    series.push({ name, labels: labelsOf(labels), value: Number(value) });
  }
  return { text, series, types };
}

/** Scrapes a role. */
export async function scrape(url: string): Promise<Exposition> {
  const response = await fetch(url);
  const type = response.headers.get('content-type');
  if (response.status !== 200 || !type?.startsWith('text/plain; version=0.0.4')) {
    throw new Error(`${url} answered ${response.status} ${type}`);
  }
  return parseExposition(await response.text());
}

/** The sum of all series that have at least these labels; undefined when there is none. */
export function valueOf(
  { series }: Exposition,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = series.filter(
    (one) =>
      one.name === name &&
      Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  if (found.length === 0) return undefined;
  return found.reduce((sum, { value }) => sum + value, 0);
}

/** The same of what this process has counted so far, for a difference. */
export async function countedHere(
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  return valueOf(parseExposition(await registry.metrics()), name, labels) ?? 0;
}

/** Until a role shows this. @throws Error when it doesn't come */
export async function shownAt(
  url: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  is: (value: number) => boolean,
): Promise<void> {
  await waitFor(
    async () => {
      const value = valueOf(await scrape(url), name, labels);
      return value !== undefined && is(value);
    },
    { what: `${url}: ${name}${JSON.stringify(labels)}` },
  );
}

function labelsOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let end = 0;
  for (label.lastIndex = 0; end < text.length; end = label.lastIndex) {
    const match = label.exec(text);
    if (!match) throw new Error(`no labels of an exposition: ${text}`);
    found[match[1]!] = match[2]!;
  }
  return found;
}
