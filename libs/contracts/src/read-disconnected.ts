import {
  cloudEventContentType,
  cloudEventHeaders,
  cloudEventSource,
  cloudEventSpecVersion,
} from './cloud-event';
import type { ChannelDisconnectedMessage } from './messages';

/** What a consumer that waits for disconnects found in a message of the channels' topic. */
export type DisconnectedReading =
  | { readonly kind: 'ok'; readonly message: ChannelDisconnectedMessage }
  /** A well-formed message of another type: none of this consumer's business. */
  | { readonly kind: 'other'; readonly type: string }
  /** A disconnect in a version that this release can't read: somebody must look at it. */
  | { readonly kind: 'unknownVersion'; readonly type: string }
  /** Not a message that we could have sent: to be kept aside, with the reason. */
  | { readonly kind: 'skip'; readonly reason: string };

const disconnectedType = 'ai.postbreeze.channel.disconnected';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const channelId = /^soc_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const workspaceId = /^ws_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const platform = /^[A-Z][A-Z_]{0,63}$/;
const revision = /^(0|[1-9]\d{0,14})$/;
const traceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const json = new RegExp(`^${cloudEventContentType}\\s*(;|$)`, 'i');

/** Reads a message of the channels' topic; never throws, whatever somebody has put there. */
export function readDisconnected(
  headers: Readonly<Record<string, string>>,
  key: string | null,
  value: Uint8Array | null,
): DisconnectedReading {
  const type = headers[cloudEventHeaders.type];
  const version = headers[cloudEventHeaders.specVersion];
  if (!type) return skip(`no ${cloudEventHeaders.type}`);
  if (version !== cloudEventSpecVersion) return skip('not a CloudEvent 1.0');
  if (headers[cloudEventHeaders.source] !== cloudEventSource) return skip('a foreign source');
  if (!type.startsWith(`${disconnectedType}.`)) return { kind: 'other', type };
  if (type !== `${disconnectedType}.v1`) return { kind: 'unknownVersion', type };

  const id = headers[cloudEventHeaders.id] ?? '';
  const subject = headers[cloudEventHeaders.subject] ?? '';
  const recordedAt = headers[cloudEventHeaders.time] ?? '';
  const streamRevision = headers[cloudEventHeaders.streamRevision] ?? '';
  if (!json.test(headers[cloudEventHeaders.contentType] ?? '')) return skip('not JSON by its type');
  if (!uuid.test(id)) return skip('the id is not a UUID');
  if (!channelId.test(subject)) return skip('the subject is not a channel id');
  if (key !== subject) return skip('the key is not the subject');
  if (!isTime(recordedAt)) return skip('the time is not ISO 8601 UTC');
  if (!revision.test(streamRevision)) return skip('no stream revision');

  const data = parse(value);
  if (!data) return skip('the value is not a JSON object');
  if (data.channelId !== subject) return skip('data.channelId is not the subject');
  if (!matches(workspaceId, data.workspaceId)) return skip('data.workspaceId is not one');
  if (!matches(platform, data.platform)) return skip('data.platform is not one');
  if (data.status !== 'DISCONNECTED') return skip('data.status is not DISCONNECTED');
  if (!isTime(data.disconnectedAt)) return skip('data.disconnectedAt is not ISO 8601 UTC');
  const trace = headers[cloudEventHeaders.traceParent];

  return {
    kind: 'ok',
    message: {
      id: id.toLowerCase(),
      type,
      subject,
      time: recordedAt,
      streamrevision: Number(streamRevision),
      // Nothing depends on it: a message isn't worse for one that is malformed.
      ...(matches(traceparent, trace) ? { traceparent: trace } : {}),
      data: {
        channelId: subject,
        workspaceId: data.workspaceId,
        platform: data.platform,
        status: data.status,
        disconnectedAt: data.disconnectedAt,
      },
    },
  };
}

function skip(reason: string): DisconnectedReading {
  return { kind: 'skip', reason };
}

function parse(value: Uint8Array | null): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(value ?? new Uint8Array());
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isTime(value: unknown): value is string {
  return matches(time, value) && !Number.isNaN(Date.parse(value));
}
