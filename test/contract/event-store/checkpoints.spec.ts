import { END, streamNameFilter, type Position } from '@eventstore/db-client';
import { embeddedOnly, rule } from './harness/rule';
import { collect, counted, ownServerForEachTest } from './harness/server';
import { listen, toldWithCheckpoints, untilCaughtUp, untilNumber, type Told } from './harness/told';

/** Only where nobody else appends can the events between two checkpoints be counted. */
embeddedOnly('checkpoints, counted', () => {
  const server = ownServerForEachTest();

  /** Positions of all events, to tell which one a checkpoint stands for. */
  const positions = async (): Promise<Position[]> =>
    (await collect(server.client.readAll())).map(({ event }) => event!.position);

  const checkpointsAt = async (...indexes: number[]): Promise<Told[]> => {
    const at = await positions();
    return indexes.map((index): Told => `checkpoint ${at[index]!.commit}`);
  };

  const subscribe = (
    isLast: (last: Told) => boolean,
    options: { checkpointInterval?: number; maxSearchWindow?: number } = {},
    onCaughtUp: () => void = () => {},
  ): Promise<Told[]> => {
    const { told, checkpointReached } = toldWithCheckpoints();
    const filter = streamNameFilter({ prefixes: ['wanted'], checkpointReached, ...options });
    const subscription = server.client.subscribeToAll({ filter });
    subscription.once('caughtUp', onCaughtUp);
    return listen(subscription, isLast, told);
  };

  describe(rule('filter/checkpoint-arithmetic'), () => {
    it('after every 32 considered events, and one before caughtUp', async () => {
      await server.client.appendToStream('passed-over', counted(70));
      await server.client.appendToStream('wanted', counted(1, 70));
      const [first, second, third] = await checkpointsAt(31, 63, 70);
      expect(await subscribe(untilCaughtUp)).toEqual([
        'confirmed',
        ...[first, second, 70, third],
        'caughtUp',
      ]);
    });

    it('takes the multiplier and the search window into account', async () => {
      await server.client.appendToStream('passed-over', counted(50));
      const options = { checkpointInterval: 2, maxSearchWindow: 10 };
      expect(await subscribe(untilCaughtUp, options)).toEqual([
        'confirmed',
        ...(await checkpointsAt(19, 39, 49)),
        'caughtUp',
      ]);
    });

    it('has none on going live for who begins at the end', async () => {
      await server.client.appendToStream('passed-over', counted(50));
      const { told, checkpointReached } = toldWithCheckpoints();
      const filter = streamNameFilter({ prefixes: ['wanted'], checkpointReached });
      const subscription = server.client.subscribeToAll({ filter, fromPosition: END });
      expect(await listen(subscription, untilCaughtUp, told)).toEqual(['confirmed', 'caughtUp']);
    });
  });

  describe(rule('filter/checkpoint-once'), () => {
    it('when going live falls on the end of an interval', async () => {
      await server.client.appendToStream('passed-over', counted(64));
      expect(await subscribe(untilCaughtUp)).toEqual([
        'confirmed',
        ...(await checkpointsAt(31, 63)),
        'caughtUp',
      ]);
    });
  });

  describe(rule('filter/checkpoint-live'), () => {
    it('from none', async () => {
      await server.client.appendToStream('passed-over', counted(20));
      const told = await subscribe(untilNumber(1_000), {}, () => {
        void (async () => {
          for (let n = 0; n < 32; n += 1) {
            await server.client.appendToStream('passed-over', counted(1, n));
          }
          await server.client.appendToStream('wanted', counted(1, 1_000));
        })();
      });
      const [goingLive, live] = await checkpointsAt(19, 51);
      expect(told).toEqual(['confirmed', goingLive, 'caughtUp', live, 1_000]);
    });
  });

  describe(rule('filter/resume'), () => {
    it('without loss or repetition', async () => {
      await server.client.appendToStream('wanted-1', counted(40));
      const fromPosition = (await positions())[31]!;
      const filter = streamNameFilter({ prefixes: ['wanted'] });
      const resumed = server.client.subscribeToAll({ filter, fromPosition });
      expect(await listen(resumed, untilCaughtUp)).toEqual([
        'confirmed',
        ...[32, 33, 34, 35, 36, 37, 38, 39],
        'caughtUp',
      ]);
    });
  });
});
