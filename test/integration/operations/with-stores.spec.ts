import type { Settings } from '@app/config';
import { withStores } from '@app/operations';
import { freePort, useTestBed, waitFor } from '@app/testing';

const bed = useTestBed();
let settings: Settings;
beforeAll(async () => {
  settings = await bed.settings('ops events');
});

it('gives both stores, and lets go of them however the work ends', async () => {
  const dataSource = await bed.dataSource([], { size: 1 });
  const connections = async (): Promise<number> => {
    const [found]: { count: number }[] = await dataSource.query(
      `SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'`,
    );
    return found!.count;
  };
  const before = await connections();
  const answer = await withStores(settings, [], async (stores) => {
    await stores.dataSource.query('SELECT 1');
    expect(await connections()).toBeGreaterThan(before);
    return stores.events.read('channel-nobody');
  });
  expect(answer).toEqual([]);
  const failing = withStores(settings, [], async (stores) => {
    await stores.dataSource.query('SELECT 1');
    throw new Error('the work failed');
  });
  await expect(failing).rejects.toThrow('the work failed');
  await waitFor(async () => (await connections()) === before, { what: 'the end of both' });
});

it('says in one line which store is away and what to do, and does not begin', async () => {
  const work = jest.fn();
  const port = await freePort();
  const noEvents = { ...settings, eventstoreUrl: `esdb://admin:hush@127.0.0.1:${port}?tls=false` };
  await expect(withStores(noEvents, [], work)).rejects.toThrow(
    /^EventStoreDB at esdb:\/\/127\.0\.0\.1:\d+\?tls=false can't be used: [^\n]+\. Start it, or set EVENTSTORE_URL$/,
  );
  const noDatabase = { ...settings, databaseUrl: `postgres://postgres:hush@127.0.0.1:${port}/x` };
  await expect(withStores(noDatabase, [], work)).rejects.toThrow(
    /^PostgreSQL at postgres:\/\/127\.0\.0\.1:\d+\/x can't be used: [^\n]+\. Start it, or set DATABASE_URL$/,
  );
  expect(work).not.toHaveBeenCalled();
});
