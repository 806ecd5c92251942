import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import {
  EventStoreDBClient,
  streamNameFilter,
  type AllStreamSubscription,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { flood } from './harness/flood';
import { embeddedOnly, rule } from './harness/rule';
import {
  collect,
  counted,
  numberOf,
  ownServerForEachTest,
  serverOfThisFile,
} from './harness/server';
import { listen, numbersOf, untilNumber } from './harness/told';

embeddedOnly(rule('slow/memory'), () => {
  const server = ownServerForEachTest();

  /** Bytes of the server's own memory: without the log, which is mapped into it. */
  const memory = (): number => {
    const lines = readFileSync(`/proc/${server.engine.pid}/status`, 'utf8');
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(lines)?.[1]) * 1024;
  };

  it('of 200,000 events, the server keeps below 100 MB', async () => {
    const { client } = server;
    const slow = client.subscribeToAll();
    await once(slow, 'caughtUp');
    // From here on it takes one event for each batch that the others append.
    slow.pause();
    const taken: number[] = [];
    let highest = 0;
    await flood({ url: server.engine.url, stream: 'flood', count: 200_000 }, () => {
      const event = slow.read() as ResolvedEvent | null;
      if (event) taken.push(Number(event.event!.revision));
      if (platform() === 'linux') highest = Math.max(highest, memory());
    });
    expect(taken).toEqual(taken.map((_, n) => n));
    expect(taken.length).toBeGreaterThan(300);
    expect(highest).toBeLessThan(100 * 1024 * 1024);
    await slow.unsubscribe();
  });
});

describe('slow and quick ones together', () => {
  const server = serverOfThisFile();
  const others: EventStoreDBClient[] = [];
  afterAll(() => Promise.all(others.map((client) => client.dispose())));

  /** Reads only: a process has one client that appends. */
  const another = (): EventStoreDBClient => {
    const client = EventStoreDBClient.connectionString(server.url);
    others.push(client);
    return client;
  };

  describe(rule('slow/keeps-place'), () => {
    it('while quick ones live on', async () => {
      const stream = `flood-${randomUUID()}`;
      const filter = streamNameFilter({ prefixes: [stream] });
      const subscribe = async (): Promise<AllStreamSubscription> => {
        const subscription = another().subscribeToAll({ filter, fromPosition: 'end' });
        await once(subscription, 'caughtUp');
        return subscription;
      };
      const [slow, quick] = [await subscribe(), await subscribe()];
      slow.pause();
      const quickly = listen(quick, untilNumber(4_999));
      for (let n = 0; n < 5_000; n += 500) {
        await server.client.appendToStream(stream, counted(500, n));
      }
      const all = Array.from({ length: 5_000 }, (_, n) => n);
      expect(numbersOf(await quickly)).toEqual(all);
      const slowly = listen(slow, untilNumber(4_999));
      slow.resume();
      expect(numbersOf(await slowly)).toEqual(all);
    });
  });

  describe(rule('many-clients/at-once'), () => {
    it('one appends, five read, five subscribe', async () => {
      const stream = `busy-${randomUUID()}`;
      await server.client.appendToStream(stream, counted(1));
      const subscribers = Array.from({ length: 5 }, () =>
        listen(another().subscribeToStream(stream), untilNumber(200)),
      );
      let appending = true;
      const readers = Array.from({ length: 5 }, async () => {
        const client = another();
        let seen = 0;
        while (appending) {
          const numbers = (await collect(client.readStream(stream))).map(numberOf);
          expect(numbers).toEqual(numbers.map((_, n) => n));
          expect(numbers.length).toBeGreaterThanOrEqual(seen);
          seen = numbers.length;
        }
      });
      for (let n = 1; n < 201; n += 4) await server.client.appendToStream(stream, counted(4, n));
      appending = false;
      await Promise.all(readers);
      const all = Array.from({ length: 201 }, (_, n) => n);
      for (const told of subscribers) expect(numbersOf(await told)).toEqual(all);
    });
  });
});
