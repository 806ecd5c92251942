import { parser } from '@prometheus-io/lezer-promql';

/** What a query asks for: a metric, and the labels that it is told apart by. */
export interface AskedMetric {
  readonly name: string;
  readonly labels: readonly string[];
}

/** A query as Prometheus' own grammar reads it; `problem` is where it can't. */
export interface ReadQuery {
  readonly problem: string | undefined;
  readonly metrics: readonly AskedMetric[];
  /** Labels of `by`, `without`, `on` and the like. */
  readonly grouping: readonly string[];
}

export function readQuery(query: string): ReadQuery {
  // Grafana's own variable stands for a duration.
  const text = query.replaceAll('$__rate_interval', '5m');
  let problem: string | undefined;
  const metrics: { name: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      const word = text.slice(from, to);
      if (type.isError) problem ??= `at ${from} of ${query}`;
      if (type.name === 'VectorSelector') metrics.push({ name: '', labels: [] });
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') {
        metrics.at(-1)!.name = word;
      }
      if (type.name !== 'LabelName') return;
      if (node.parent?.name === 'GroupingLabels') grouping.push(word);
      else metrics.at(-1)!.labels.push(word);
    },
  });
  return { problem, metrics, grouping };
}
