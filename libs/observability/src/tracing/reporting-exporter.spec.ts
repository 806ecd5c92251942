import { Logger } from '@nestjs/common';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { reportingExporter } from './reporting-exporter';

type Exported = Parameters<Parameters<SpanExporter['export']>[1]>[0];
const spans = ['one', 'two', 'three'].map((name) => ({ name }) as ReadableSpan);

describe('an exporter whose collector is away', () => {
  const lines: unknown[] = [];
  const keep = (fields: object, line: string): void => void lines.push([line, fields]);
  beforeAll(() => {
    Logger.overrideLogger({ log: keep, warn: keep, error: keep });
  });

  it('says so once, and once that it is back, and how much was lost', () => {
    let result: Exported = { code: 0 };
    const exported: Exported[] = [];
    const exporter = reportingExporter({
      export: (_, done) => done(result),
      shutdown: () => Promise.resolve(),
    });
    const send = (next: Exported): void => {
      result = next;
      exporter.export(spans, (told) => exported.push(told));
    };
    const refused = { code: 1, error: new Error('connect ECONNREFUSED\nat a place') };
    send({ code: 0 });
    expect(lines).toEqual([]);
    for (let n = 0; n < 100; n++) send(refused);
    expect(lines).toEqual([['spans lost', { reason: 'connect ECONNREFUSED' }]]);
    send({ code: 0 });
    send({ code: 0 });
    expect(lines.slice(1)).toEqual([['spans arrive again', { spans: 300 }]]);
    expect(exported).toHaveLength(103);
  });
});
