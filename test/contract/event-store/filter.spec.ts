import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  eventTypeFilter,
  jsonEvent,
  streamNameFilter,
  type Filter,
  type Position,
} from '@eventstore/db-client';
import { rule } from './harness/rule';
import { counted, serverOfThisFile } from './harness/server';
import { listen, numbersOf, toldWithCheckpoints, untilCaughtUp, untilNumber } from './harness/told';

const server = serverOfThisFile();

let id: string;
/** Just before what a test appends. */
let start: Position;
beforeEach(async () => {
  id = randomUUID();
  start = (await server.client.appendToStream(`start-${id}`, counted(1))).position!;
});

describe(rule('filter/matches'), () => {
  it.each<[string, () => Filter]>([
    ['stream prefixes', () => streamNameFilter({ prefixes: [`a-${id}`, `b-${id}`] })],
    ['a stream expression', () => streamNameFilter({ regex: `^[ab]-${id}` })],
    ['type prefixes', () => eventTypeFilter({ prefixes: [`A-${id}`, `B-${id}`] })],
    ['a type expression', () => eventTypeFilter({ regex: `^[AB]-${id}$` })],
    ['an expression found anywhere', () => streamNameFilter({ regex: `^(a|b)-${id.slice(0, 8)}` })],
  ])('by %s, of the past and of the future', async (_name, filter) => {
    const append = (name: string, n: number): Promise<unknown> =>
      server.client.appendToStream(
        `${name}-${id}-1`,
        jsonEvent({ type: `${name.toUpperCase()}-${id}`, data: { n } }),
      );
    for (const [n, name] of ['a', 'c', 'b', 'ca'].entries()) await append(name, n);
    const subscription = server.client.subscribeToAll({ filter: filter(), fromPosition: start });
    subscription.on('caughtUp', () => void append('c', 4).then(() => append('b', 5)));
    const told = await listen(subscription, untilNumber(5));
    expect(told).toEqual(['confirmed', 0, 2, 'caughtUp', 5]);
  });
});

describe(rule('filter/bad'), () => {
  it('of JavaScript or of .NET', async () => {
    const subscription = server.client.subscribeToAll({ filter: eventTypeFilter({ regex: '(' }) });
    const [error] = (await once(subscription, 'error')) as [Error];
    expect(error).toBeInstanceOf(Error);
  });
});

describe(rule('filter/checkpoints-come'), () => {
  it('to a filter that nothing matches, at growing positions', async () => {
    await server.client.appendToStream(`passed-over-${id}`, counted(200));
    const { told, checkpointReached } = toldWithCheckpoints();
    const filter = streamNameFilter({ prefixes: [`none-${id}`], checkpointReached });
    await listen(
      server.client.subscribeToAll({ filter, fromPosition: start }),
      untilCaughtUp,
      told,
    );
    const checkpoints = told.slice(1, -1).map((what) => BigInt(String(what).split(' ')[1]!));
    expect(told.at(0)).toBe('confirmed');
    expect(checkpoints.length).toBeGreaterThanOrEqual(200 / 32);
    expect(checkpoints).toEqual([...checkpoints].sort((a, b) => Number(a - b)));
    expect(checkpoints[0]).toBeGreaterThan(start.commit);
  });

  it('after the events that they stand for', async () => {
    const wanted = `wanted-${id}`;
    const positions: bigint[] = [];
    for (let n = 0; n < 60; n += 1) {
      const stream = n % 3 ? `passed-over-${id}` : wanted;
      const { position } = await server.client.appendToStream(stream, counted(1, n));
      if (stream === wanted) positions.push(position!.commit);
    }
    let sent = 0;
    const early: bigint[] = [];
    const filter = streamNameFilter({
      prefixes: [wanted],
      maxSearchWindow: 4,
      checkpointReached: async (_, { commit }) => {
        if (positions.filter((position) => position <= commit).length > sent) early.push(commit);
      },
    });
    const subscription = server.client.subscribeToAll({ filter, fromPosition: start });
    // The client converts an event when it comes off the wire; it may hand it over much later.
    const convert = Reflect.get(subscription, 'convertGrpcEvent') as (event: unknown) => unknown;
    Reflect.set(subscription, 'convertGrpcEvent', (event: unknown) => {
      sent += 1;
      return convert(event);
    });
    subscription.on('data', () => {});
    await once(subscription, 'caughtUp');
    await subscription.unsubscribe();
    expect([sent, early]).toEqual([positions.length, []]);
  });
});

describe(rule('filter/resume'), () => {
  it('from the first of several', async () => {
    await server.client.appendToStream(`wanted-${id}`, counted(100));
    const checkpoints: Position[] = [];
    const prefixes = [`wanted-${id}`];
    const first = streamNameFilter({
      prefixes,
      checkpointReached: async (_, position) => void checkpoints.push(position),
    });
    await listen(
      server.client.subscribeToAll({ filter: first, fromPosition: start }),
      untilCaughtUp,
    );
    const filter = streamNameFilter({ prefixes });
    for (const fromPosition of checkpoints) {
      const told = await listen(
        server.client.subscribeToAll({ filter, fromPosition }),
        untilCaughtUp,
      );
      const rest = numbersOf(told);
      const missed = 100 - rest.length;
      expect(rest).toEqual(Array.from({ length: rest.length }, (_, n) => missed + n));
    }
    expect(checkpoints.length).toBeGreaterThan(2);
  });
});
