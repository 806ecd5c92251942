import { once } from 'node:events';
import { startEventStore } from '@app/embedded';
import {
  EventStoreDBClient,
  type AllStreamSubscription,
  type StreamSubscription,
} from '@eventstore/db-client';
import { TcpProxy } from '../../support/tcp-proxy';
import { waysToAppend } from './harness/appending';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, ownServerForEachTest } from './harness/server';
import { listen, untilNumber } from './harness/told';

embeddedOnly('when the server goes', () => {
  const server = ownServerForEachTest();

  describe(rule('shutdown/long-calls'), () => {
    it.each<[string, () => AllStreamSubscription | StreamSubscription]>([
      ['a subscription to all', () => server.client.subscribeToAll()],
      ['a subscription to a stream', () => server.client.subscribeToStream('none')],
    ])('%s', async (_name, subscribe) => {
      const subscription = subscribe();
      subscription.on('data', () => {});
      await once(subscription, 'caughtUp');
      const failed = once(subscription, 'error');
      await server.engine.stop();
      const [error] = (await failed) as [Error & { type: string }];
      expect(error.type).toBe('cancelled');
    });
  });

  describe(rule('shutdown/appends'), () => {
    it.each(waysToAppend)('%s', async (_way, call) => {
      const append = () => server.client.appendToStream('one', counted(1), call);
      await append();
      await server.engine.stop();
      await expect(append()).rejects.toMatchObject({ code: 14 });
      await expect(append()).rejects.toMatchObject({ code: 14 });
    });

    it.each(waysToAppend)('that were under way are answered, or cut, %s', async (_way, call) => {
      const appends = counted(200).map((event) =>
        server.client.appendToStream('many', event, call),
      );
      const outcomes = Promise.allSettled(appends);
      await appends[0];
      await server.engine.stop();
      const settled = await outcomes;
      const answered = settled.filter(({ status }) => status === 'fulfilled');
      const codes = settled.flatMap((outcome) =>
        outcome.status === 'rejected' ? [(outcome.reason as { code: number }).code] : [],
      );
      // A batch append lives on a long call, which is cancelled.
      const cut = call === waysToAppend[0][1] ? [1, 14] : [14];
      expect(codes.filter((code) => !cut.includes(code))).toEqual([]);
      await server.restart();
      const events = await collect(server.client.readStream('many'));
      expect(events.length).toBeGreaterThanOrEqual(answered.length);
    });
  });

  describe(rule('trap-3/raw-error'), () => {
    it.each<[string, () => Promise<unknown>]>([
      ['an append', () => server.client.appendToStream('one', counted(1))],
      ['a read', () => collect(server.client.readStream('one'))],
      ['a delete', () => server.client.deleteStream('one')],
    ])('%s', async (_name, call) => {
      await server.client.appendToStream('one', counted(1));
      server.engine.kill();
      await server.engine.exited;
      await expect(call()).rejects.toMatchObject({ code: 14 });
    });
  });

  describe(rule('trap-4/no-resubscribe'), () => {
    it('though new subscriptions are served', async () => {
      const told: unknown[] = [];
      const subscription = server.client.subscribeToStream('one');
      subscription.on('data', (event) => told.push(event));
      await once(subscription, 'caughtUp');
      const failed = once(subscription, 'error');
      server.engine.kill();
      await server.engine.exited;
      await failed;
      const { folder, engine } = server;
      const back = await startEventStore({ dataDir: folder, port: engine.port });
      const client = EventStoreDBClient.connectionString(back.url);
      await client.appendToStream('one', counted(1));
      expect(await listen(client.subscribeToStream('one'), untilNumber(0))).toContain(0);
      expect(told).toEqual([]);
      await client.dispose();
      await back.stop();
    });
  });

  describe(rule('trap-6/black-hole'), () => {
    afterEach(() => jest.restoreAllMocks());

    it('here a short one', async () => {
      // The client warns of intervals below 10 s.
      jest.spyOn(console, 'warn').mockImplementation();
      const proxy = await TcpProxy.before(server.engine.url);
      const client = EventStoreDBClient.connectionString(
        `${proxy.url}&keepAliveInterval=500&keepAliveTimeout=1500`,
      );
      const subscription = client.subscribeToAll();
      await once(subscription, 'caughtUp');
      const failed = once(subscription, 'error');
      proxy.hang();
      const [error] = (await failed) as [unknown];
      expect(error).toMatchObject({ code: 14 });
      await client.dispose();
      await proxy.close();
    });
  });
});
