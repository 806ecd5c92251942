import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import { linesOf } from '../lines';
import { readableMessage } from '../readable-error';

type Exported = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/**
 * An exporter that says in the log when spans begin to be lost, and when they arrive again: one line
 * each, however long the collector is away. By itself, OpenTelemetry says nothing.
 */
export function reportingExporter(exporter: SpanExporter): SpanExporter {
  const say = linesOf('tracing');
  let lost = 0;
  const report = (spans: number, { error }: Exported): void => {
    if (error) {
      if (lost === 0) say('spans lost', { reason: readableMessage(error) });
      lost += spans;
    } else if (lost > 0) {
      say('spans arrive again', { spans: lost });
      lost = 0;
    }
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, (exported) => {
        report(spans.length, exported);
        done(exported);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
