import { randomUUID } from 'node:crypto';
import type { IHeaders, Message } from 'kafkajs';
import type { AnnouncedEffect, ChannelId } from '@app/domain';
import { aChannelId, aWorkspaceId } from '@app/testing';
import { announcement } from './given';

/** The channels that the messages are about; what they are is made by the spec. */
export const channels = {
  /** The one that must live. */
  live: aChannelId(),
  /** It lives too: its grant was withdrawn, and somebody may reauthorize it. */
  revoked: aChannelId(),
  /** Claimed, its tokens sealed; its first event isn't there yet. */
  opening: aChannelId(),
  /** The same account as `live`, disconnected earlier, every effect done. */
  former: aChannelId(),
  /** Another workspace's, disconnected earlier, every effect done. */
  foreign: aChannelId(),
  /** A connect that was given up; its token is wiped. */
  abandoned: aChannelId(),
  /** In no store. */
  unknown: aChannelId(),
};

/** Where a message has to stand afterwards. `none`: it is true, or about nothing that ends. */
export type Fate =
  | { readonly in: 'effects.skipped' | 'effects.parked_messages'; readonly reason: string }
  | { readonly in: 'none' };

export interface Hearsay {
  readonly message: Message;
  readonly fate: (effect: AnnouncedEffect) => Fate;
}

const skipped = (reason: string) => (): Fate => ({ in: 'effects.skipped', reason });
const parked = (reason: string) => (): Fate => ({ in: 'effects.parked_messages', reason });
const untouched = (): Fate => ({ in: 'none' });

interface Change {
  readonly key?: Message['key'];
  /** Put over the true ones; one that is undefined is left out. */
  readonly headers?: Readonly<Record<string, IHeaders[string] | undefined>>;
  /** Put over the true data; a field that is undefined is left out. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly value?: Message['value'];
}

/** The announcement of a channel's end, as the relay would send it but for a change. */
function told(channelId: ChannelId, change: Change = {}): Message {
  const { key, headers, value } = announcement(channelId);
  const data = { ...(JSON.parse(String(value)) as object), ...change.data };
  const changed = Object.entries({ ...headers, ...change.headers });
  return {
    key: change.key === undefined ? key : change.key,
    headers: Object.fromEntries(changed.filter(([, header]) => header !== undefined)),
    value: change.value === undefined ? JSON.stringify(data) : change.value,
  };
}

const { live, revoked, opening, former, foreign, abandoned, unknown } = channels;
const type = (ce_type: string | undefined): Change => ({ headers: { ce_type } });
const later = 'ai.postbreeze.channel.disconnected.v2';
const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
const connected = skipped('the channel is connected');

/** What looks like a disconnect in every way, of a channel that lives or never was. */
const forged: Record<string, Hearsay> = {
  'a forged disconnect of the live channel': { message: told(live), fate: connected },
  'a forged disconnect in the name of another workspace': {
    message: told(live, { data: { workspaceId: aWorkspaceId() } }),
    fate: connected,
  },
  'a forged disconnect as of another platform': {
    message: told(live, { data: { platform: 'X' } }),
    fate: connected,
  },
  'a forged disconnect with more fields than there are': {
    message: told(live, { data: { channelIds: [live], effects: ['token-wipe'], force: true } }),
    fate: connected,
  },
  'a forged disconnect from far ahead in the stream': {
    message: told(live, { headers: { ce_streamrevision: '999999999999999' } }),
    fate: connected,
  },
  'a forged disconnect of 900 kB': {
    message: told(live, { data: { padding: 'x'.repeat(900_000) } }),
    fate: connected,
  },
  'a forged disconnect of 100,000 levels': {
    message: told(live, {
      value: String(told(live).value).replace('{', `{"deep":${nested(100_000)},`),
    }),
    fate: connected,
  },
  'a forged disconnect of a channel that waits to be reauthorized': {
    message: told(revoked),
    fate: connected,
  },
  'a forged disconnect of a connect that is under way': {
    message: told(opening),
    fate: skipped('there is no such channel'),
  },
  'a disconnect of a channel that never was': {
    message: told(unknown),
    fate: skipped('there is no such channel'),
  },
  'a disconnect of a connect that was given up': {
    message: told(abandoned),
    fate: (effect) =>
      effect === 'token-wipe' ? untouched() : skipped('the connect was abandoned')(),
  },
};

/** What is true, and done: delivered again, it does nothing more. */
const replayed: Record<string, Hearsay> = {
  'the old disconnect of the same account': { message: told(former), fate: untouched },
  'the old disconnect in the name of the live workspace': {
    message: told(foreign, { data: { workspaceId: aWorkspaceId() } }),
    fate: untouched,
  },
};

const notTheSubject = skipped('data.channelId is not the subject');
const notTheKey = skipped('the key is not the subject');

/** A channel that has really ended, and the live one, in each other's places. */
const mixed: Record<string, Hearsay> = {
  'an ended channel in the data of the live one': {
    message: told(live, { data: { channelId: former } }),
    fate: notTheSubject,
  },
  'the live channel in the data of an ended one': {
    message: told(former, { data: { channelId: live } }),
    fate: notTheSubject,
  },
  'an ended channel as subject, the live one as key': {
    message: told(former, { key: live }),
    fate: notTheKey,
  },
  'an ended channel as key, the live one as subject': {
    message: told(live, { key: former }),
    fate: notTheKey,
  },
  'an ended channel as subject, the live one as key and in the data': {
    message: told(former, { key: live, data: { channelId: live } }),
    fate: notTheKey,
  },
  'both in the data, the ended one last': {
    message: told(live, { value: `{"channelId":"${live}","channelId":"${former}"}` }),
    fate: notTheSubject,
  },
  'both as subject, the ended one last': {
    message: told(live, { headers: { ce_subject: [live, former] } }),
    fate: notTheKey,
  },
  'both as subject, the live one last': {
    message: told(live, { headers: { ce_subject: [former, live] } }),
    fate: connected,
  },
  'the live channel in a prototype': {
    message: told(live, { value: `{"__proto__":${String(told(live).value)}}` }),
    fate: notTheSubject,
  },
  'a list of channels': {
    message: told(live, { data: { channelId: [former, live] } }),
    fate: notTheSubject,
  },
  'the live channel in small letters': {
    message: told(live.toLowerCase()),
    fate: skipped('the subject is not a channel id'),
  },
  'the live channel with a line break': {
    message: told(`${live}\n`),
    fate: skipped('the subject is not a channel id'),
  },
  'a wildcard for a channel': {
    message: told('soc_%'),
    fate: skipped('the subject is not a channel id'),
  },
  'SQL for a channel': {
    message: told(`${live}' OR '1'='1`),
    fate: skipped('the subject is not a channel id'),
  },
};

/** Types that are near the one that counts. */
const types: Record<string, Hearsay> = {
  'a version that is not there yet': {
    message: told(live, type(later)),
    fate: parked(`unknown version "${later}"`),
  },
  'two types, the later version last': {
    message: told(live, { headers: { ce_type: ['ai.postbreeze.channel.disconnected.v1', later] } }),
    fate: parked(`unknown version "${later}"`),
  },
  'the type with a space behind': {
    message: told(live, type('ai.postbreeze.channel.disconnected.v1 ')),
    fate: parked('unknown version "ai.postbreeze.channel.disconnected.v1 "'),
  },
  'the type with a NUL': {
    message: told(live, type('ai.postbreeze.channel.disconnected.v1\0')),
    fate: parked(String.raw`unknown version "ai.postbreeze.channel.disconnected.v1\u0000"`),
  },
  'the type in capitals': {
    message: told(live, type('AI.POSTBREEZE.CHANNEL.DISCONNECTED.V1')),
    fate: skipped('unknown type "AI.POSTBREEZE.CHANNEL.DISCONNECTED.V1"'),
  },
  'the type without a version': {
    message: told(live, type('ai.postbreeze.channel.disconnected')),
    fate: skipped('unknown type "ai.postbreeze.channel.disconnected"'),
  },
  'a type of the other topic': {
    message: told(live, type('ai.postbreeze.disconnection.completed.v1')),
    fate: skipped('unknown type "ai.postbreeze.disconnection.completed.v1"'),
  },
  'a type of 100 kB': {
    message: told(live, type('t'.repeat(100_000))),
    fate: skipped(`unknown type "${'t'.repeat(200)}"`),
  },
  'a forged message of a type that asks for nothing': {
    message: told(live, type('ai.postbreeze.channel.revoked.v1')),
    fate: untouched,
  },
};

/** Not what we would ever send. */
const garbage: Record<string, Hearsay> = {
  nothing: { message: { key: null, value: null }, fate: skipped('no ce_type') },
  'a tombstone of the live channel': {
    message: { key: live, value: null },
    fate: skipped('no ce_type'),
  },
  'a true value without headers': {
    message: { key: live, value: told(live).value },
    fate: skipped('no ce_type'),
  },
  'no type': { message: told(live, type(undefined)), fate: skipped('no ce_type') },
  'an empty type': { message: told(live, type('')), fate: skipped('no ce_type') },
  'another CloudEvents version': {
    message: told(live, { headers: { ce_specversion: '0.3' } }),
    fate: skipped('not a CloudEvent 1.0'),
  },
  'a foreign source': {
    message: told(live, { headers: { ce_source: '/elsewhere' } }),
    fate: skipped('a foreign source'),
  },
  'an id that is none': {
    message: told(live, { headers: { ce_id: '1' } }),
    fate: skipped('the id is not a UUID'),
  },
  'no key': { message: told(live, { key: null }), fate: notTheKey },
  'a key with a NUL': { message: told(live, { key: `${live}\0` }), fate: notTheKey },
  'a time that does not exist': {
    message: told(live, { headers: { ce_time: '2026-02-31T25:00:00Z' } }),
    fate: skipped('the time is not ISO 8601 UTC'),
  },
  'a revision before the first': {
    message: told(live, { headers: { ce_streamrevision: '-1' } }),
    fate: skipped('no stream revision'),
  },
  'another content type': {
    message: told(live, { headers: { 'content-type': 'application/xml' } }),
    fate: skipped('not JSON by its type'),
  },
  'random bytes': {
    message: told(live, { value: Buffer.from([0, 0xff, 0xfe, 0xc0, 0x80, 0]) }),
    fate: skipped('the value is not a JSON object'),
  },
  'no JSON': {
    message: told(live, { value: '{"channelId":' }),
    fate: skipped('the value is not a JSON object'),
  },
  'a list': {
    message: told(live, { value: `[${String(told(live).value)}]` }),
    fate: skipped('the value is not a JSON object'),
  },
  'another status': {
    message: told(live, { data: { status: 'ACTIVE' } }),
    fate: skipped('data.status is not DISCONNECTED'),
  },
  'a workspace that is none': {
    message: told(live, { data: { workspaceId: '*' } }),
    fate: skipped('data.workspaceId is not one'),
  },
  'a header that nobody knows, with a NUL in name and value': {
    message: told(live, { headers: { 'a\0b': '\0', [`x-${randomUUID()}`]: 'é' } }),
    fate: connected,
  },
};

/** Everything that a stranger, a bug or a replay could put on the channels' topic. */
export const hearsay = { ...forged, ...replayed, ...mixed, ...types, ...garbage };
