import type { Settings } from '@app/config';
import { within } from '@app/config';
import { linesOf } from '../lines';
import { readableMessage } from '../readable-error';
import type { RegisteredSdk } from './sdk';
import { registerSdk } from './sdk';

/** The settings of tracing, and whose process it is. */
export type TracingSettings = Pick<
  Settings,
  | 'role'
  | 'otelExporterOtlpEndpoint'
  | 'otelExporterOtlpTracesEndpoint'
  | 'otelServiceName'
  | 'otelTracesSampler'
  | 'otelTracesSamplerArg'
>;

/** Milliseconds for what is left: the end of a process has 4.5 s in all. */
const sendWithinMs = 1_000;

let sdk: RegisteredSdk | undefined;

/** Whether this process records spans; whoever would have to prepare for it asks before. */
export function isTracing(): boolean {
  return sdk !== undefined;
}

/**
 * Has this process record spans and send them to the collector that the settings name. Without one the
 * SDK isn't even loaded, and every span is the API's no-op.
 */
export async function startTracing(settings: TracingSettings): Promise<void> {
  const url = tracesUrl(settings);
  if (url !== undefined) sdk = await registerSdk(settings, url);
}

/** Sends what is left, within a second: a collector that hangs must not hold up the end. */
export async function endTracing(): Promise<void> {
  if (!sdk) return;
  const sent = within(sendWithinMs, sdk.shutdown());
  await sent.catch((error: unknown) =>
    linesOf('tracing')('last spans lost', { reason: readableMessage(error) }),
  );
}

/** Where spans go, by OpenTelemetry's rule for both variables; undefined when they go nowhere. */
export function tracesUrl({
  otelExporterOtlpEndpoint: base,
  otelExporterOtlpTracesEndpoint: whole,
}: TracingSettings): string | undefined {
  return whole ?? (base && `${base.replace(/\/$/, '')}/v1/traces`);
}
