import { randomUUID } from 'node:crypto';
import { END, START, type ReadRevision } from '@eventstore/db-client';
import { rule } from './harness/rule';
import { counted, serverOfThisFile } from './harness/server';
import { listen, untilCaughtUp, untilNumber } from './harness/told';

const server = serverOfThisFile();

let stream: string;
beforeEach(() => {
  stream = `subscribed-${randomUUID()}`;
});

describe(rule('subscribe/order'), () => {
  it('of a stream, and nothing of others', async () => {
    const { client } = server;
    await client.appendToStream(stream, counted(3));
    const subscription = client.subscribeToStream(stream);
    subscription.on('caughtUp', () => {
      void client.appendToStream(`${stream}-other`, counted(1, 50));
      void client.appendToStream(stream, counted(2, 3));
    });
    expect(await listen(subscription, untilNumber(4))).toEqual([
      'confirmed',
      ...[0, 1, 2],
      'caughtUp',
      ...[3, 4],
    ]);
  });
});

describe(rule('subscribe/after'), () => {
  it.each<[ReadRevision, number[]]>([
    [0n, [1, 2]],
    [1n, [2]],
    [2n, []],
    [START, [0, 1, 2]],
    [END, []],
  ])('from %s of a stream', async (fromRevision, expected) => {
    await server.client.appendToStream(stream, counted(3));
    const subscription = server.client.subscribeToStream(stream, { fromRevision });
    expect(await listen(subscription, untilCaughtUp)).toEqual([
      'confirmed',
      ...expected,
      'caughtUp',
    ]);
  });
});

describe(rule('subscribe/later'), () => {
  it.each<ReadRevision>([START, END])('from its %s', async (fromRevision) => {
    const subscription = server.client.subscribeToStream(stream, { fromRevision });
    subscription.on('caughtUp', () => void server.client.appendToStream(stream, counted(1)));
    const told = await listen(subscription, untilNumber(0));
    expect(told).toEqual(['confirmed', 'caughtUp', 0]);
  });
});
