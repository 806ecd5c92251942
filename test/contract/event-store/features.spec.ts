import {
  EventStoreDBClient,
  persistentSubscriptionToStreamSettingsFromDefaults,
} from '@eventstore/db-client';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import { Client, credentials } from '@grpc/grpc-js';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, serverOfThisFile } from './harness/server';

const server = serverOfThisFile();

/** Nothing listens on it. */
const DEAD = '127.0.0.1:1';

/** Appends and reads by a connection of its own. */
async function use(url: string): Promise<number> {
  const client = EventStoreDBClient.connectionString(url);
  try {
    await client.appendToStream('by-gossip', counted(1));
    return (await collect(client.readStream('by-gossip'))).length;
  } finally {
    await client.dispose();
  }
}

describe(rule('features/listed'), () => {
  it('as this client asks for them', async () => {
    const features = (await Reflect.get(server.client, 'capabilities')) as {
      serverVersion: string;
      supports(method: unknown): boolean;
    };
    const { read, append, batchAppend, delete: del, tombstone } = StreamsService;
    for (const method of [read, append, batchAppend, del, tombstone]) {
      expect([method.path, features.supports(method)]).toEqual([method.path, true]);
    }
    expect(features.serverVersion).toMatch(/./);
    expect(features.serverVersion).not.toBe('unknown');
  });
});

describe(rule('features/other-errors'), () => {
  it('such as that nobody listens', async () => {
    const client = EventStoreDBClient.connectionString(`esdb://${DEAD}?tls=false`);
    const error: unknown = await client
      .appendToStream('one', counted(1))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 14 });
    // The client's own errors have a type.
    expect(error).not.toHaveProperty('type');
    await client.dispose();
  });
});

// Elsewhere gossip tells addresses that may not be reachable from here.
embeddedOnly('by gossip', () => {
  describe(rule('gossip/discover'), () => {
    it('from one host', async () => {
      expect(await use(server.url.replace('esdb:', 'esdb+discover:'))).toBeGreaterThan(0);
    });
  });

  describe(rule('gossip/several-hosts'), () => {
    it('of which one lives', async () => {
      expect(await use(server.url.replace('esdb://', `esdb://${DEAD},`))).toBeGreaterThan(0);
    });
  });
});

describe(rule('gossip/gives-up'), () => {
  it('and says how often it tried', async () => {
    const url = `esdb+discover://${DEAD}?tls=false&maxDiscoverAttempts=2&discoveryInterval=1`;
    await expect(use(url)).rejects.toThrow('Failed to discover after 2 attempts');
  });
});

/** A unary call that the official client has no method for. */
async function called(path: string): Promise<void> {
  const client = new Client(new URL(server.url).host, credentials.createInsecure());
  const raw = (bytes: Buffer): Buffer => bytes;
  try {
    await new Promise<void>((resolve, reject) =>
      client.makeUnaryRequest(path, raw, raw, Buffer.alloc(0), (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  } finally {
    client.close();
  }
}

embeddedOnly(rule('unserved/unimplemented'), () => {
  const settings = persistentSubscriptionToStreamSettingsFromDefaults();
  it.each<[string, () => Promise<unknown>]>([
    [
      'persistent subscriptions',
      () => server.client.createPersistentSubscriptionToStream('one', 'group', settings),
    ],
    ['projections', () => server.client.enableProjection('one')],
    ['users', () => called('/event_store.client.users.Users/Create')],
  ])('%s', async (_name, call) => {
    await expect(call()).rejects.toMatchObject({ code: 12 });
  });

  it('HTTP, which it answers with the end of the connection', async () => {
    const { host } = new URL(server.url);
    await expect(fetch(`http://${host}/streams/one`)).rejects.toThrow('fetch failed');
  });
});
