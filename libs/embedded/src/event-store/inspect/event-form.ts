import { isUtf8 } from 'node:buffer';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { visible } from '@app/observability';
import { createdAt, type StoredEvent } from '../store/stored-event';
import { LONG_MAX, TOMBSTONE } from '../store/system-streams';
import { compact, jsonTokens, readable } from './json-layout';

const { RecordedEvent } = ReadResp.ReadEvent;

/** Of a payload that isn't text, people see this much. */
const SHOWN_BYTES = 96;

interface Content {
  readonly contentType: string;
  readonly data: Payload;
  readonly metadata: Payload;
}

/** JSON by its tokens, or any other bytes. */
interface Payload {
  readonly json: readonly string[] | undefined;
  readonly bytes: Buffer;
}

/** A value as JSON on one line that can't steer a terminal. */
export function escaped(value: unknown): string {
  return visible(JSON.stringify(value));
}

/** An event, and whether reads of its stream pass over it. */
export interface FoundEvent {
  readonly event: StoredEvent;
  readonly isHidden: boolean;
}

/** When an event was written, in ISO 8601. */
export function timeOf(event: StoredEvent): string {
  return new Date(createdAt(event)).toISOString();
}

/** An event for people, on as many lines as its payloads take. */
export function eventForPeople({ event, isHidden }: FoundEvent): string {
  const { contentType, data, metadata } = decode(event);
  const lines = [
    `${visible(event.stream)}@${revisionOf(event)}  ${visible(event.type)}` +
      (isHidden ? '  (reads of the stream hide it)' : ''),
    `  ${timeOf(event)}  position ${event.position}  id ${event.id}`,
    ...payloadLines('data', data, contentType),
    ...payloadLines('metadata', metadata, contentType),
  ];
  return lines.join('\n');
}

/**
 * An event for programs, on one line. `data` and `metadata` are the JSON that was written; what isn't
 * JSON is `dataBase64` and `metadataBase64`, and what is empty isn't there.
 */
export function eventForPrograms({ event, isHidden }: FoundEvent): string {
  const { contentType, data, metadata } = decode(event);
  const { position, stream, type, id } = event;
  const fields = [
    `"revision":${revisionOf(event)}`,
    ...fieldsOf({ position, stream, type, id, created: timeOf(event), contentType, isHidden }),
    ...payloadFields('data', data),
    ...payloadFields('metadata', metadata),
  ];
  return `{${fields.join(',')}}`;
}

function revisionOf({ revision }: StoredEvent): string {
  return revision === TOMBSTONE ? LONG_MAX : String(revision);
}

function fieldsOf(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).map(([name, value]) => `"${name}":${escaped(value)}`);
}

function decode({ recorded }: StoredEvent): Content {
  const message = RecordedEvent.deserializeBinary(recorded);
  return {
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: toPayload(message.getData_asU8()),
    metadata: toPayload(message.getCustomMetadata_asU8()),
  };
}

function toPayload(content: Uint8Array): Payload {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  return { json: isUtf8(bytes) ? jsonTokens(bytes.toString('utf8')) : undefined, bytes };
}

function payloadLines(name: string, { json, bytes }: Payload, contentType: string): string[] {
  if (bytes.length === 0) return [];
  if (json) return [`  ${name} ${readable(json).replaceAll('\n', '\n  ')}`];
  const shown = bytes.subarray(0, SHOWN_BYTES).toString('base64');
  const rest = bytes.length > SHOWN_BYTES ? '… (whole with --json)' : '';
  return [`  ${name} ${bytes.length} bytes, ${visible(contentType)}, in base64: ${shown}${rest}`];
}

function payloadFields(name: string, { json, bytes }: Payload): string[] {
  if (bytes.length === 0) return [];
  return [
    json
      ? `"${name}":${compact(json)}`
      : `"${name}Base64":${JSON.stringify(bytes.toString('base64'))}`,
  ];
}
