import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@app/config';
import { loadSettings } from '@app/config';
import {
  activeTraceparent,
  endTracing,
  inSpan,
  inSpanBelow,
  isTracing,
  startBelow,
  startTrace,
  startTracing,
  traceIds,
} from '@app/observability';
import { startSpanOf } from '@app/subscriptions';
import type { RoleProcess } from '@app/testing';
import { freePort, useTestBed, waitFor } from '@app/testing';
import { linesOfAll } from '../../support/log-lines';
import { OtlpCollector } from '../../support/otlp-collector';

const traceId = randomBytes(16).toString('hex');
const spanId = randomBytes(8).toString('hex');
const traceparent = `00-${traceId}-${spanId}-01`;
const info = { name: 'work' };

/** What somebody may send who means no good, or has a bug. */
const malformed: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['an empty text', ''],
  ['a number', 7],
  ['a list', [traceparent]],
  ['an object', { traceparent }],
  ['words', 'not a traceparent'],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
  ['a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
  ['capital letters', traceparent.toUpperCase()],
  ['a forbidden version', `ff-${traceId}-${spanId}-01`],
  ['too much', `${traceparent}-more`],
  ['a megabyte', traceparent + ' '.repeat(1_000_000)],
  ['two of them', `${traceparent}, ${traceparent}`],
];

describe('Tracing', () => {
  const bed = useTestBed();

  const settings = (overrides: Record<string, string>): Settings =>
    loadSettings('relay', {
      DATABASE_URL: 'postgres://localhost/x',
      EVENTSTORE_URL: 'esdb://localhost:2113?tls=false',
      KAFKA_BROKERS: 'localhost:9092',
      ...overrides,
    });

  describe('without an endpoint', () => {
    it('begins no span, and gives events and log lines nothing', async () => {
      await startTracing(settings({}));
      expect(isTracing()).toBe(false);
      expect(startTrace(traceparent, info)).toBeUndefined();
      expect(startBelow(traceparent, info)).toBeUndefined();
      const inside = await inSpanBelow(traceparent, info, async (span) => [
        span,
        activeTraceparent(),
        traceIds(),
      ]);
      expect(inside).toEqual([undefined, undefined, {}]);
      await endTracing();
    });
  });

  describe('in a process', () => {
    beforeAll(async () => {
      // Nothing is sent: what a role sends, and when its collector is away, is tested with one.
      await startTracing(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }));
    });
    afterAll(endTracing);

    it.each(malformed)('takes %s for no traceparent, and for no error', (_, given) => {
      expect(startBelow(given, info)).toBeUndefined();
      const root = startTrace(given, info)!;
      expect(root.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(root.traceparent).not.toContain(traceId);
    });

    it('goes on below what is carried along, unless it is history or not sampled', () => {
      const recordedAt = new Date(Date.now() - 59 * 60_000);
      expect(startSpanOf({ recordedAt, traceparent }, info)!.traceparent).toContain(traceId);
      const history = new Date(Date.now() - 61 * 60_000);
      expect(startSpanOf({ recordedAt: history, traceparent }, info)).toBeUndefined();
      const unsampled = traceparent.replace(/01$/, '00');
      expect(startSpanOf({ recordedAt, traceparent: unsampled }, info)).toBeUndefined();
      expect(startTrace(unsampled, info)).toBeUndefined();
    });

    it('begins nothing where work is a part of no trace', async () => {
      expect(await inSpan(info, async (span) => [span, activeTraceparent()])).toEqual([
        undefined,
        undefined,
      ]);
    });
  });

  describe('of a role', () => {
    let [off, hanging, away]: (RoleProcess | undefined)[] = [];
    /** How each has ended. */
    let ends: unknown[];

    beforeAll(async () => {
      const silent = await OtlpCollector.start(() => undefined);
      bed.atEnd(() => silent.close());
      const tellsModules = join(bed.folder, 'tells-modules.js');
      writeFileSync(
        tellsModules,
        `process.on('exit', () => console.log(JSON.stringify({ time: '', modules: Object.keys(require.cache) })));`,
      );
      const start = async (overrides: Record<string, string>): Promise<RoleProcess> =>
        bed.startRole('api', {
          ...(await bed.environment({ OTEL_BSP_SCHEDULE_DELAY: '20', ...overrides })),
          NODE_OPTIONS: `--require ${tellsModules}`,
        });
      [off, hanging, away] = await Promise.all([
        start({}),
        start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: silent.url }),
        start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` }),
      ]);
      for (const { url } of [off, hanging, away]) {
        for (let n = 0; n < 20; n++) expect((await fetch(`${url}/nothing`)).status).toBe(404);
      }
      await waitFor(() => silent.exports > 0);
      // All at once, and now: an export is given up after 10 s, which is another line.
      ends = await Promise.all([off.stop(), hanging.stop(), away.stop()]);
    });
    const well = { code: 0, signal: null };

    const sdk = /@opentelemetry\/(sdk|exporter|otlp|resources|core)/;

    it('loads no SDK without an endpoint', async () => {
      expect(ends[0]).toEqual(well);
      expect(off!.output()).toMatch(/modules.*@opentelemetry\/api/);
      expect(off!.output()).not.toMatch(sdk);
    });

    it.each([
      ['hangs', () => hanging!, 'no answer within 1000 ms'],
      ['is away', () => away!, ''],
    ])('ends cleanly while the collector %s, and says so in a line', async (_, role, reason) => {
      expect(ends.slice(1)).toEqual([well, well]);
      expect(role().output()).toMatch(sdk);
      // A busy machine's engines may be missed for a moment; that is no line of these.
      const [line, ...more] = linesOfAll([role()]).filter(
        ({ level, msg }) => level === 'warn' && msg !== 'engine away',
      );
      const said = { msg: 'last spans lost', reason: expect.stringContaining(reason) as string };
      expect(line).toMatchObject(said);
      expect(more).toEqual([]);
    });
  });
});
