import { randomUUID } from 'node:crypto';
import type { Sampler } from '@opentelemetry/sdk-trace-node';
import { releaseVersion } from '../release-version';
import { reportingExporter } from './reporting-exporter';
import type { TracingSettings } from './start-tracing';

/** What is registered, for its end. */
export interface RegisteredSdk {
  /** Sends what is left; takes as long as the collector does. */
  shutdown(): Promise<void>;
}

/**
 * Loads OpenTelemetry's SDK and makes it the one that the API's calls reach. Spans wait in a queue of a
 * bounded length (OTEL_BSP_MAX_QUEUE_SIZE, 2,048), beyond which they are dropped.
 *
 * @param url of the collector, its path included
 */
export async function registerSdk(settings: TracingSettings, url: string): Promise<RegisteredSdk> {
  const { defaultResource, resourceFromAttributes } = await import('@opentelemetry/resources');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { BatchSpanProcessor, NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node');

  const exporter = reportingExporter(new OTLPTraceExporter({ url }));
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(resourceOf(settings))),
    sampler: await samplerOf(settings),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return provider;
}

/** https://opentelemetry.io/docs/specs/semconv/resource/service/ */
function resourceOf({ role, otelServiceName }: TracingSettings): Record<string, string> {
  const version = releaseVersion();
  return {
    'service.name': otelServiceName ?? `postbreeze-${role}`,
    'service.instance.id': randomUUID(),
    ...(version === undefined ? {} : { 'service.version': version }),
  };
}

/**
 * Which traces are recorded.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
 */
export async function samplerOf(settings: TracingSettings): Promise<Sampler> {
  const sdk = await import('@opentelemetry/sdk-trace-node');
  const root = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(settings.otelTracesSamplerArg),
  };
  const [, parentBased, name] = /^(parentbased_)?(.*)$/.exec(settings.otelTracesSampler)!;
  const sampler = root[name as keyof typeof root]();
  return parentBased ? new sdk.ParentBasedSampler({ root: sampler }) : sampler;
}
