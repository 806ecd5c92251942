import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent as ClientEvent, ResolvedEvent } from '@eventstore/db-client';
import type { DomainEvent } from '@app/domain';
import { domainEventTypes } from '@app/domain';
import type { StoredEvent } from './event-codec';
import { decodeEvent, encodeEvent, EventCodec } from './event-codec';
import { UnknownEventType } from './event-store.errors';
import { upcasters } from './upcasters';

const goldens = join(__dirname, '../goldens');

/** An event exactly as a release wrote it: these files are never changed, only added to. */
interface Golden {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: { schemaVersion: number; [field: string]: unknown };
}

/** Every version that is read here: a golden for each. */
const versions = domainEventTypes.flatMap((type) =>
  [...upcasters[type], 'written now'].map((_, index) => ({ type, version: index + 1 })),
);
const latestOf = (type: keyof typeof upcasters): number => upcasters[type].length + 1;

function golden(type: string, version = 1): Golden {
  return JSON.parse(readFileSync(join(goldens, `${type}.v${version}.json`), 'utf8')) as Golden;
}

const place = {
  id: '0b9e6f7e-3f1c-4a51-9c55-6a0d1f0c9a11',
  stream: 'channel-soc_01JBN8Z6Q4V5W6X7Y8Z9A0B1C2',
  revision: 3,
  position: { commit: 42n, prepare: 41n },
  recordedAt: new Date('2026-11-02T09:00:00.000Z'),
};

/** As the client hands it out. */
function resolved({ type, data, metadata }: Golden): ResolvedEvent {
  const event = {
    id: place.id,
    streamId: place.stream,
    revision: 3n,
    created: place.recordedAt,
    isJson: true,
    ...{ type, data, metadata, position: place.position },
  };
  return { event: event as unknown as ClientEvent, commitPosition: 42n };
}

/** Which fields there are, at every depth: what tells one version of an event from another. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return 'a value';
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}

const context = { correlationId: 'req_1', causationId: 'req_1', actor: 'usr_1' };

describe.each(versions)('$type v$version', ({ type, version }) => {
  it('is read from what a release wrote, as what is written now', () => {
    const { metadata } = golden(type, version);
    const decoded = decodeEvent(resolved(golden(type, version)));
    expect(metadata.schemaVersion).toBe(version);
    expect(decoded).toMatchObject({ ...place, event: { type }, metadata });
    expect(shapeOf(decoded.event.data)).toEqual(shapeOf(golden(type, latestOf(type)).data));
  });

  it('carries nothing that looks like a token', () => {
    expect(JSON.stringify(golden(type, version))).not.toMatch(/token"|secret|pb_live|cipher/i);
  });
});

describe.each([...domainEventTypes])('%s', (type) => {
  const latest = (): Golden => golden(type, latestOf(type));

  it('is read in its latest version without a change', () => {
    expect(decodeEvent(resolved(latest())).event).toEqual({ type, data: latest().data });
  });

  it('is still written as the release of that version wrote it', () => {
    const { data, metadata } = latest();
    const { schemaVersion: _, ...given } = metadata;
    const written = encodeEvent({ type, data } as DomainEvent, given as typeof context);
    expect(written).toMatchObject({ contentType: 'application/json', type, data, metadata });
    // What stands in the store is JSON, in this order of its fields.
    expect(JSON.stringify(written.data)).toBe(JSON.stringify(data));
  });

  it('is refused in a version that a later release writes, and in one that nobody has written', () => {
    for (const schemaVersion of [latestOf(type) + 1, 0, -1, 0.5, '1' as unknown as number]) {
      const metadata = { ...latest().metadata, schemaVersion };
      expect(() => decodeEvent(resolved({ ...latest(), metadata }))).toThrow(
        `Unknown event type ${type} v${schemaVersion} in ${place.stream}`,
      );
    }
  });
});

describe('an event of an older version', () => {
  /** A codec of a later release: one type has changed twice. */
  const later = new EventCodec({
    ...upcasters,
    DisconnectionCompleted: [
      ({ completedAt, ...rest }) => ({ ...rest, finished: { at: completedAt } }),
      (data) => ({ ...data, late: (data.finished as { at: string }).at > '2026-11-03' }),
    ],
  });
  const stored = (schemaVersion: number, data: object): StoredEvent => ({
    ...place,
    type: 'DisconnectionCompleted',
    data,
    metadata: { ...context, schemaVersion },
  });
  const latest = { channelId: 'soc_1', finished: { at: '2026-11-02T09:00:05.000Z' }, late: false };

  it('goes through every step from there on, and no other', () => {
    const { late: _, ...second } = latest;
    const first = { channelId: 'soc_1', completedAt: latest.finished.at };
    for (const [index, data] of [first, second, latest].entries()) {
      expect(later.decode(stored(index + 1, data)).event.data).toEqual(latest);
    }
    expect(later.decode(stored(3, { ...latest, late: true })).event.data).toMatchObject({
      late: true,
    });
  });

  it('keeps the version that it was recorded in', () => {
    const { metadata } = later.decode(stored(1, { channelId: 'soc_1', completedAt: '2026' }));
    expect(metadata.schemaVersion).toBe(1);
  });

  it('is written in the latest one, and refused by whoever has no step to that', () => {
    const event = { type: 'DisconnectionCompleted', data: latest } as unknown as DomainEvent;
    expect(later.encode(event, context).metadata).toEqual({ ...context, schemaVersion: 3 });
    expect(() => later.decode(stored(4, latest))).toThrow('DisconnectionCompleted v4');
    expect(() => new EventCodec(upcasters).decode(stored(3, latest))).toThrow(UnknownEventType);
  });
});

describe('the codec', () => {
  it('has a golden for each version of each type, and no other', () => {
    const expected = versions.map(({ type, version }) => `${type}.v${version}.json`);
    expect(readdirSync(goldens).sort()).toEqual(expected.sort());
  });

  it.each(['ChannelRenamed', 'constructor', ''])(
    'refuses a type that it does not know: %s',
    (type) => {
      const unknown = { ...golden('ChannelConnected'), type };
      expect(() => decodeEvent(resolved(unknown))).toThrow(UnknownEventType);
      expect(() => decodeEvent(resolved(unknown))).toThrow(`type ${type} v1`);
    },
  );

  it('refuses what says no version', () => {
    const { metadata: _, ...bare } = golden('ChannelConnected');
    expect(() => decodeEvent(resolved(bare as Golden))).toThrow(UnknownEventType);
  });

  it.each([['text'], [Buffer.from('{}')], [null], [undefined]])(
    'refuses data that is %p',
    (data) => {
      const { metadata } = golden('ChannelConnected');
      const odd = { type: 'ChannelConnected', data, metadata };
      expect(() => decodeEvent(resolved(odd))).toThrow(UnknownEventType);
    },
  );

  it('gives each event an id of its own', () => {
    const event = golden('ConnectAbandoned') as unknown as DomainEvent;
    expect(encodeEvent(event, context).id).not.toBe(encodeEvent(event, context).id);
  });
});
