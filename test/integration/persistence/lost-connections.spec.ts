import { DataSource } from 'typeorm';
import { dataSourceOptions } from '@app/persistence';
import { useTestBed, waitFor } from '@app/testing';
import { TcpProxy } from '../../support/tcp-proxy';

/** What pg sends last of a handshake: what comes then is the word that it may ask. */
const lastOfHandshake = 'c=biws';

const bed = useTestBed({ patient: true });

it('a connection that is lost as soon as it is there fails whoever wanted it, and ends no process', async () => {
  const server = await bed.dataSource();
  const proxy = await TcpProxy.before(await bed.databaseUrl());
  bed.atEnd(() => proxy.close());
  const dataSource = new DataSource(dataSourceOptions(proxy.url, { size: 2, timeoutMs: 20_000 }));
  await dataSource.initialize();
  bed.atEnd(() => dataSource.destroy());
  const others = dataSource.createQueryRunner();
  const [{ pid }] = (await others.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];

  // Both come in one read: that it may ask, and that the server is gone.
  void proxy.hears(lastOfHandshake).then(() => proxy.hold());
  const asking = dataSource.query('SELECT 1').catch((error: unknown) => error);
  const sql = `SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'postbreeze-channels'
      AND pid NOT IN (pg_backend_pid(), $1) AND state = 'idle'`;
  const fresh = await waitFor(async () => (await server.query<{ pid: number }[]>(sql, [pid]))[0]);
  await server.query('SELECT pg_terminate_backend($1)', [fresh.pid]);
  await waitFor(async () => (await server.query<object[]>(sql, [pid])).length === 0);
  proxy.release();

  expect(String(await asking)).toMatch(/terminating connection|not queryable/);
  await others.release();
  expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
