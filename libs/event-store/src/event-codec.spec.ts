import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent as StoredEvent, ResolvedEvent } from '@eventstore/db-client';
import type { DomainEvent } from '@app/domain';
import { domainEventTypes } from '@app/domain';
import { decodeEvent, encodeEvent } from './event-codec';
import { UnknownEventType } from './event-store.errors';

const goldens = join(__dirname, '../goldens');

/** An event exactly as a release wrote it: this file is never changed, only added to. */
interface Golden {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: { schemaVersion: number; [field: string]: unknown };
}

function golden(type: string): Golden {
  const text = readFileSync(join(goldens, `${type}.v1.json`), 'utf8');
  return JSON.parse(text) as Golden;
}

/** As the client hands it out. */
function stored({ type, data, metadata }: Golden): ResolvedEvent {
  const event = {
    id: '0b9e6f7e-3f1c-4a51-9c55-6a0d1f0c9a11',
    streamId: 'channel-soc_01JBN8Z6Q4V5W6X7Y8Z9A0B1C2',
    revision: 3n,
    created: new Date('2026-11-02T09:00:00.000Z'),
    isJson: true,
    type,
    data,
    metadata,
    position: { commit: 42n, prepare: 41n },
  };
  return { event: event as unknown as StoredEvent, commitPosition: 42n };
}

const context = { correlationId: 'req_1', causationId: 'req_1', actor: 'usr_1' };

describe.each([...domainEventTypes])('%s', (type) => {
  it('is read from what the first release wrote', () => {
    const { data, metadata } = golden(type);
    expect(decodeEvent(stored(golden(type)))).toEqual({
      id: '0b9e6f7e-3f1c-4a51-9c55-6a0d1f0c9a11',
      stream: 'channel-soc_01JBN8Z6Q4V5W6X7Y8Z9A0B1C2',
      revision: 3,
      position: { commit: 42n, prepare: 41n },
      recordedAt: new Date('2026-11-02T09:00:00.000Z'),
      event: { type, data },
      metadata,
    });
  });

  it('is still written as the first release wrote it', () => {
    const { data, metadata } = golden(type);
    const { schemaVersion: _, ...given } = metadata;
    const written = encodeEvent({ type, data } as DomainEvent, given as typeof context);
    expect(written).toMatchObject({ contentType: 'application/json', type, data, metadata });
    // What stands in the store is JSON, in this order of its fields.
    expect(JSON.stringify(written.data)).toBe(JSON.stringify(data));
  });

  it('is refused in a version that a later release writes', () => {
    const later = golden(type);
    const metadata = { ...later.metadata, schemaVersion: later.metadata.schemaVersion + 1 };
    expect(() => decodeEvent(stored({ ...later, metadata }))).toThrow(
      `Unknown event type ${type} v2 in channel-soc_01JBN8Z6Q4V5W6X7Y8Z9A0B1C2`,
    );
  });

  it('carries nothing that looks like a token', () => {
    expect(JSON.stringify(golden(type))).not.toMatch(/token"|secret|pb_live|cipher/i);
  });
});

describe('the codec', () => {
  it('has a golden for each type, and no other', () => {
    const types = readdirSync(goldens).map((name) => name.replace('.v1.json', ''));
    expect(types.sort()).toEqual([...domainEventTypes].sort());
  });

  it('refuses a type that it does not know, and names it', () => {
    const unknown = { ...golden('ChannelConnected'), type: 'ChannelRenamed' };
    expect(() => decodeEvent(stored(unknown))).toThrow(UnknownEventType);
    expect(() => decodeEvent(stored(unknown))).toThrow('ChannelRenamed v1');
  });

  it('refuses what says no version', () => {
    const { metadata: _, ...bare } = golden('ChannelConnected');
    expect(() => decodeEvent(stored(bare as Golden))).toThrow(UnknownEventType);
  });

  it('gives each event an id of its own', () => {
    const event = golden('ConnectAbandoned') as unknown as DomainEvent;
    expect(encodeEvent(event, context).id).not.toBe(encodeEvent(event, context).id);
  });
});
