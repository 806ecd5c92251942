import type { Attributes, Context, Span } from '@opentelemetry/api';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { readableMessage } from '../readable-error';

/** A piece of work, as a trace shows it. */
export interface SpanInfo {
  /** One of a few: what there are many of is an attribute. */
  readonly name: string;
  /** By OpenTelemetry's meaning; work within a process unless said. */
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  /**
   * By OpenTelemetry's names where it has one (https://opentelemetry.io/docs/specs/semconv/), ours begin
   * with `postbreeze.`. Ids, names and counts of ours; nothing that a caller wrote.
   */
  readonly attributes?: Attributes;
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** A span that has begun and is recorded. Whoever began it ends it, or nothing of it is ever seen. */
export class OpenSpan {
  constructor(
    private readonly span: Span,
    private readonly context: Context,
  ) {}

  /** What follows from the work carries this along: https://www.w3.org/TR/trace-context/#traceparent-header */
  get traceparent(): string {
    return injected(this.context)!;
  }

  /** What is begun in there, also later by its promises, belongs to this span. */
  run<T>(work: () => T): T {
    return context.with(this.context, work);
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  /** @param error what the work has failed of; shown as the log shows it, without its stack */
  end(error?: unknown): void {
    if (error !== undefined) {
      const type = error instanceof Error ? error.constructor.name : typeof error;
      this.span.setAttribute('error.type', type);
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: readableMessage(error) });
    }
    this.span.end();
  }
}

/**
 * Begins a trace, or goes on with the caller's. Only what comes from outside begins one: everything else
 * is seen as a part of a trace, or not at all.
 *
 * @param traceparent the caller's header, whatever it holds: what is malformed counts as none
 * @returns undefined while tracing is off, and for a trace that isn't sampled
 */
export function startTrace(traceparent: unknown, info: SpanInfo): OpenSpan | undefined {
  return open(extracted(traceparent) ?? ROOT_CONTEXT, info);
}

/**
 * Begins a span below the work that an event or a message follows from.
 *
 * @param traceparent as it was carried along, whatever somebody has put there
 * @returns undefined while tracing is off, when nothing was carried along, and when it is malformed
 */
export function startBelow(traceparent: unknown, info: SpanInfo): OpenSpan | undefined {
  const parent = extracted(traceparent);
  return parent && open(parent, info);
}

/** Does work in a span below the one that this is a part of; without one, the work alone. */
export function inSpan<T>(
  info: SpanInfo,
  work: (span: OpenSpan | undefined) => Promise<T>,
): Promise<T> {
  const parent = recordedContext();
  return inSpanFrom(parent && open(parent, info), work);
}

/** Does work in a span below what an event or a message follows from; see `startBelow`. */
export function inSpanBelow<T>(
  traceparent: unknown,
  info: SpanInfo,
  work: (span: OpenSpan | undefined) => Promise<T>,
): Promise<T> {
  return inSpanFrom(startBelow(traceparent, info), work);
}

/** Does one piece of work that is a part of many traces, and ends the span of each with it. */
export async function untilDone<T>(spans: readonly OpenSpan[], work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    for (const span of spans) span.end();
    return result;
  } catch (error) {
    for (const span of spans) span.end(error);
    throw error;
  }
}

/** What follows from the work under way is to carry along; undefined when nobody records it. */
export function activeTraceparent(): string | undefined {
  const active = recordedContext();
  return active && injected(active);
}

/** What ties a log line to the span that it was written in; empty outside of one. */
export function traceIds(): { readonly trace_id?: string; readonly span_id?: string } {
  const span = trace.getSpan(context.active());
  if (!span?.isRecording()) return {};
  const { traceId, spanId } = span.spanContext();
  return { trace_id: traceId, span_id: spanId };
}

function open(parent: Context, { name, kind, attributes }: SpanInfo): OpenSpan | undefined {
  const options = { kind: kind && kinds[kind], attributes };
  const span = trace.getTracer('postbreeze-channels').startSpan(name, options, parent);
  return span.isRecording() ? new OpenSpan(span, trace.setSpan(parent, span)) : undefined;
}

/** Does work within a span that has begun, if one has, and ends it. */
export function inSpanFrom<T>(
  span: OpenSpan | undefined,
  work: (span: OpenSpan | undefined) => Promise<T>,
): Promise<T> {
  return span ? untilDone([span], () => span.run(() => work(span))) : work(undefined);
}

function recordedContext(): Context | undefined {
  const active = context.active();
  return trace.getSpan(active)?.isRecording() ? active : undefined;
}

/** The caller's other headers (`tracestate`, `baggage`) are not taken on: anything may stand in them. */
function extracted(traceparent: unknown): Context | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent });
  return trace.getSpanContext(parent) && parent;
}

function injected(of: Context): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(of, carrier);
  return carrier.traceparent;
}
