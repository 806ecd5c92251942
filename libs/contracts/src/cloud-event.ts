/** A CloudEvents 1.0 event as this service sends it: the attributes that we use, and the data. */
export interface CloudEvent<Type extends string, Data> {
  /** UUID of the domain event: a consumer drops a repeat by it. */
  readonly id: string;
  readonly type: Type;
  /** The channel's id; the key of the message too, which keeps the order per channel. */
  readonly subject: string;
  /** When the fact was recorded, ISO 8601 UTC; the same at each repeat. */
  readonly time: string;
  /** Extension: the domain event's place in its stream, from 0. Orders what is about one channel. */
  readonly streamrevision: number;
  /**
   * The distributed tracing extension: where the trace goes on that the message is a part of. Not always
   * there, and not the same at a repeat; what follows from the message doesn't depend on it.
   * https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md
   */
  readonly traceparent?: string;
  readonly data: Data;
}

export const cloudEventSource = '/postbreeze/channels';
export const cloudEventSpecVersion = '1.0';
export const cloudEventContentType = 'application/json';

/** The Kafka headers of a CloudEvent in binary content mode (CloudEvents' Kafka protocol binding). */
export const cloudEventHeaders = {
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  specVersion: 'ce_specversion',
  subject: 'ce_subject',
  time: 'ce_time',
  streamRevision: 'ce_streamrevision',
  traceParent: 'ce_traceparent',
  contentType: 'content-type',
} as const;

/** A CloudEvent as Kafka carries it. */
export interface EncodedCloudEvent {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON */
  readonly value: string;
}

/** The attributes as headers, the data as JSON, the subject as key. */
export function encodeCloudEvent(event: CloudEvent<string, unknown>): EncodedCloudEvent {
  return {
    key: event.subject,
    headers: {
      [cloudEventHeaders.specVersion]: cloudEventSpecVersion,
      [cloudEventHeaders.id]: event.id,
      [cloudEventHeaders.source]: cloudEventSource,
      [cloudEventHeaders.type]: event.type,
      [cloudEventHeaders.subject]: event.subject,
      [cloudEventHeaders.time]: event.time,
      [cloudEventHeaders.streamRevision]: String(event.streamrevision),
      ...(event.traceparent === undefined
        ? {}
        : { [cloudEventHeaders.traceParent]: event.traceparent }),
      [cloudEventHeaders.contentType]: cloudEventContentType,
    },
    value: JSON.stringify(event.data),
  };
}
