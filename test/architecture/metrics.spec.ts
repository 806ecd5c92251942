import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { collectProcessMetrics, registry } from '@app/observability';
import '../../apps/api/src/api.module';
import '../../apps/internal/src/internal.module';
import '../../apps/projector/src/projector.module';
import '../../apps/relay/src/relay.module';
import '../../apps/subscribers/src/subscribers.module';
import { readQuery } from './promql';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook', string>>;
}
interface Recorded {
  readonly input_series: readonly { readonly series: string }[];
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly unknown[];
  }[];
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const read = (file: string): string => readFileSync(join(__dirname, '../../docker', file), 'utf8');
const { groups } = parse(read('prometheus/alerts.yml')) as {
  groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap(({ rules }) => rules);
const { tests } = parse(read('prometheus/alerts.test.yml')) as { tests: readonly Recorded[] };
const { panels } = JSON.parse(read('grafana/dashboards/channels.json')) as {
  panels: readonly Panel[];
};

/** What the roles measure, with its labels, by the meters themselves: their modules are loaded above. */
collectProcessMetrics({ role: 'api' });
const exposed = new Map<string, readonly string[]>([['up', []]]);
for (const meter of registry.getMetricsAsArray()) {
  const { name, labelNames } = meter as unknown as { name: string; labelNames: string[] };
  const { type } = meter as unknown as { type: unknown };
  exposed.set(name, labelNames);
  if (type !== 'histogram') continue;
  for (const suffix of ['_bucket', '_sum', '_count']) exposed.set(name + suffix, labelNames);
}
/** What Prometheus adds to each series, and what a histogram's buckets have. */
const always = ['job', 'instance', 'le'];

/** What is wrong with a query, in words; nothing, mostly. */
function problemsOf(query: string): string[] {
  const { problem, metrics, grouping } = readQuery(query);
  const known = (name: string): readonly string[] => [...(exposed.get(name) ?? []), ...always];
  return [
    ...(problem ? [problem] : []),
    ...metrics.filter(({ name }) => !exposed.has(name)).map(({ name }) => `no metric ${name}`),
    ...metrics.flatMap(({ name, labels }) =>
      labels
        .filter((label) => !known(name).includes(label))
        .map((label) => `${name} has no ${label}`),
    ),
    ...grouping
      .filter((label) => !metrics.some(({ name }) => known(name).includes(label)))
      .map((label) => `nothing in ${query} has ${label}`),
  ];
}

describe('The alert rules', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s asks for what the roles measure, and leads to its section',
    (alert, { expr, labels, annotations }) => {
      expect(problemsOf(expr)).toEqual([]);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.description).not.toBe('');
      expect(annotations.runbook).toBe(`docs/operating.md#${alert.toLowerCase()}`);
    },
  );

  it('have recorded series of what the roles measure: for each a case that fires, and one that does not', () => {
    const cases = tests.flatMap((recorded) => recorded.alert_rule_test);
    const of = (fires: boolean): string[] =>
      cases
        .filter(({ exp_alerts }) => exp_alerts.length > 0 === fires)
        .map(({ alertname }) => alertname)
        .sort();
    const names = rules.map(({ alert }) => alert).sort();
    expect(of(true)).toEqual(names);
    expect(of(false)).toEqual(names);
    const series = tests.flatMap(({ input_series }) => input_series.map(({ series }) => series));
    expect(series.flatMap(problemsOf)).toEqual([]);
  });
});

it('What is an alert when it happens once is shown from the start: from nothing to 1 is no increase', async () => {
  const once = rules
    .filter(({ expr }) => expr.endsWith('> 0'))
    .flatMap(({ expr }) => [...expr.matchAll(/increase\((\w+)(?:\{([^}]*)\})?/g)])
    .map(([, name, matchers = '']) => ({
      name: name!,
      labels: [...matchers.matchAll(/(\w+)="(\w[^"]*)"/g)].map(([, label, value]) => [
        label,
        value,
      ]),
    }));
  expect(once.length).toBeGreaterThan(3);
  const metrics = await registry.getMetricsAsJSON();
  const absent = once.filter(({ name, labels }) => {
    const { values = [] } = metrics.find((metric) => metric.name === name) ?? {};
    return !values.some((value) =>
      labels.every(
        ([label, wanted]) => (value.labels as Record<string, unknown>)[label!] === wanted,
      ),
    );
  });
  expect(absent).toEqual([]);
});

it('The dashboard asks for what the roles measure', () => {
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(queries.length).toBeGreaterThan(20);
  expect(queries.flatMap(problemsOf)).toEqual([]);
});

it('A query is taken for wrong when its grammar, its metric or a label is', () => {
  expect(problemsOf('sum(rate(up[5m])')).toHaveLength(1);
  expect(problemsOf('max(postbreeze_nothing)')).toEqual(['no metric postbreeze_nothing']);
  expect(problemsOf('postbreeze_leader{role="relay"}')).toEqual(['postbreeze_leader has no role']);
  expect(problemsOf('max by (group) (postbreeze_leader)')).toHaveLength(1);
});

it('Each metric is named as its unit has it, and tells itself apart by few words of ours', () => {
  const ours = registry
    .getMetricsAsArray()
    .filter(({ name }) => name.startsWith('postbreeze_'))
    .map((meter) => meter as unknown as { name: string; type: string; labelNames: string[] });
  expect(ours.length).toBeGreaterThan(30);
  const counters = ours.filter(({ type }) => type === 'counter').map(({ name }) => name);
  expect(counters.filter((name) => !name.endsWith('_total'))).toEqual([]);
  const histograms = ours.filter(({ type }) => type === 'histogram').map(({ name }) => name);
  expect(histograms.filter((name) => !name.endsWith('_seconds'))).toEqual([]);
  const labels = ours.flatMap(({ labelNames }) => labelNames);
  expect(labels.filter((label) => /id$|channel|workspace|key|message|path/i.test(label))).toEqual(
    [],
  );
});
