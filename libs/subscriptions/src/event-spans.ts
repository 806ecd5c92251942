import type { OpenSpan, SpanInfo } from '@app/observability';
import { startBelow } from '@app/observability';

/**
 * Milliseconds after which an event is history. Whoever comes to it later catches up, after days off or
 * with a database that was restored, and adds nothing to a trace that nobody follows any more.
 */
const historyAfterMs = 3_600_000;

/** A fact that a subscriber comes to. */
export interface Fact {
  readonly recordedAt: Date;
  /** As it was carried along with it, whatever somebody has put there. */
  readonly traceparent?: unknown;
}

/** Begins a span for what follows from a fact, if it is a part of a trace and isn't history. */
export function startSpanOf(
  { recordedAt, traceparent }: Fact,
  info: SpanInfo,
): OpenSpan | undefined {
  if (traceparent === undefined || Date.now() - recordedAt.getTime() >= historyAfterMs) return;
  return startBelow(traceparent, info);
}
