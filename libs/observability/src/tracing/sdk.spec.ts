import { loadSettings } from '@app/config';
import { samplerOf } from './sdk';
import type { TracingSettings } from './start-tracing';
import { tracesUrl } from './start-tracing';

const settings = (overrides: Record<string, string>): TracingSettings =>
  loadSettings('api', {
    DATABASE_URL: 'postgres://localhost/x',
    EVENTSTORE_URL: 'esdb://localhost:2113?tls=false',
    RECEIPT_KEY_FILE: 'x',
    ...overrides,
  });

it.each([
  ['parentbased_always_on', /^ParentBased{root=AlwaysOnSampler,/],
  ['parentbased_always_off', /^ParentBased{root=AlwaysOffSampler,/],
  ['parentbased_traceidratio', /^ParentBased{root=TraceIdRatioBased{0.25},/],
  ['always_on', /^AlwaysOnSampler$/],
  ['always_off', /^AlwaysOffSampler$/],
  ['traceidratio', /^TraceIdRatioBased{0.25}$/],
])('%s is the sampler that OpenTelemetry calls so', async (name, expected) => {
  const given = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: '0.25' };
  expect(String(await samplerOf(settings(given)))).toMatch(expected);
});

it.each([
  [{}, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector/otlp/' }, 'http://collector/otlp/v1/traces'],
  [
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/in',
    },
    'http://traces:4318/in',
  ],
])('with %j spans go to %s', (given, url) => {
  expect(tracesUrl(settings(given))).toBe(url);
});
