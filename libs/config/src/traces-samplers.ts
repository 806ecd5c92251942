/** Which traces are recorded, by OpenTelemetry's names. */
export const tracesSamplers = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;
export type TracesSampler = (typeof tracesSamplers)[number];
