import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { serviceRoles } from '@app/config';
import type { ChannelId } from '@app/domain';
import { migrate } from '@app/persistence';
import { useTestBed } from '@app/testing';
import { registeredChannel } from '../../support/fence';

const bed = useTestBed();
let dataSource: DataSource;
let channelId: ChannelId;
beforeAll(async () => {
  dataSource = await bed.dataSource();
  channelId = await registeredChannel(dataSource);
});

/** The url of a database for a login of its own, which goes with the test. */
async function loginUrl(databaseUrl: string): Promise<URL> {
  const name = `login_${randomBytes(6).toString('hex')}`;
  await dataSource.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`);
  bed.atEnd(() => dataSource.query(`DROP ROLE ${name}`));
  const url = new URL(databaseUrl);
  Object.assign(url, { username: name, password: 'secret' });
  return url;
}

/** A service's own login, which was granted a role and nothing else. */
async function service(role: string): Promise<Client> {
  const url = await loginUrl(await bed.databaseUrl());
  await dataSource.query(`GRANT ${role} TO ${url.username}`);
  const client = new Client({ connectionString: url.href });
  await client.connect();
  // Its database is dropped at the end, connections first.
  client.on('error', () => undefined);
  bed.atEnd(() => client.end());
  return client;
}

const denied = { code: '42501' };
/** Every table of the database but its engine's. */
async function tables(): Promise<string[]> {
  const found: { name: string }[] = await dataSource.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  return found.map(({ name }) => name);
}

interface Duties {
  readonly role: string;
  readonly tables: readonly string[];
  /** A row of a channel: its id, then the channel's. */
  readonly insert: string;
  readonly work: readonly string[];
  readonly tooMuch: string;
}

const publishing: Duties = {
  role: 'postbreeze_publishing',
  tables: ['publishing.posts', 'publishing.post_targets'],
  insert: `WITH post AS (
             INSERT INTO publishing.posts (id, workspace_id, status, body)
             VALUES ($1, 'ws', 'DRAFT', 'words') RETURNING id)
           INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
           SELECT id, id, $2, 'DRAFT' FROM post`,
  work: [
    `UPDATE publishing.post_targets SET status = 'SCHEDULED'`,
    `UPDATE publishing.posts SET status = 'SCHEDULED'`,
    `SELECT * FROM publishing.posts JOIN publishing.post_targets ON post_id = posts.id FOR UPDATE`,
  ],
  tooMuch: 'DELETE FROM publishing.post_targets',
};

const insights: Duties = {
  role: 'postbreeze_insights',
  tables: ['insights.analytics_snapshots', 'insights.comments'],
  insert: `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
           VALUES ($1, $2, now(), '{}') ON CONFLICT (id) DO UPDATE SET payload = excluded.payload`,
  work: [
    `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
     SELECT id, channel_id, 'c1', 'somebody', 'words', now() FROM insights.analytics_snapshots`,
    `UPDATE insights.comments SET body = 'other words'`,
    `SELECT * FROM insights.comments JOIN insights.analytics_snapshots USING (channel_id)`,
    'DELETE FROM insights.comments',
  ],
  tooMuch: 'TRUNCATE insights.comments',
};

describe.each([publishing, insights])('A login with $role', (duties) => {
  let client: Client;
  beforeAll(async () => {
    client = await service(duties.role);
  });

  it('does its work, although it may not look at the registry', async () => {
    await client.query(duties.insert, ['row_1', channelId]);
    for (const statement of duties.work) await client.query(statement);
  });

  it('is held by the fence, and can not take it down', async () => {
    const ended = await registeredChannel(dataSource, 'ended');
    const late = client.query(duties.insert, ['row_2', ended]);
    await expect(late).rejects.toMatchObject({ code: 'PB001' });
    for (const attempt of [
      `ALTER TABLE ${duties.tables[1]} DISABLE TRIGGER ALL`,
      'SET session_replication_role = replica',
    ]) {
      await expect(client.query(attempt)).rejects.toMatchObject(denied);
    }
  });

  it('may not even read anything else', async () => {
    await expect(client.query(duties.tooMuch)).rejects.toMatchObject(denied);
    for (const table of await tables()) {
      const reading = client.query(`SELECT 1 FROM ${table} LIMIT 1`);
      if (duties.tables.includes(table)) await reading;
      else await expect(reading).rejects.toMatchObject(denied);
    }
  });

  it('calls no function of the fence, and puts none on a table of its own', async () => {
    const enter = `SELECT registry.enter_fence(ARRAY['${channelId}'])`;
    await expect(client.query(enter)).rejects.toMatchObject(denied);
    await client.query('CREATE TEMP TABLE mine (channel_id text)');
    await expect(
      client.query(`CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS written
                    FOR EACH STATEMENT EXECUTE FUNCTION registry.fence_rows()`),
    ).rejects.toMatchObject(denied);
  });

  it('is not misled by tables of its own with the names of ours', async () => {
    const ended = await registeredChannel(dataSource, 'ended');
    await client.query(`CREATE TEMP TABLE channels AS SELECT '${ended}' AS id, 'live' AS state`);
    await client.query('SET search_path = pg_temp, publishing, insights');
    const late = client.query(duties.insert, ['row_3', ended]);
    await expect(late).rejects.toMatchObject({ code: 'PB001' });
  });
});

describe('The roles', () => {
  it('log nobody in, and have no rights beside', async () => {
    const roles: unknown = await dataSource.query(
      `SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls
         FROM pg_roles WHERE rolname LIKE 'postbreeze%' ORDER BY 1`,
    );
    const none = {
      ...{ rolcanlogin: false, rolsuper: false, rolcreaterole: false },
      ...{ rolcreatedb: false, rolbypassrls: false },
    };
    const names = [...serviceRoles, 'audit', 'fence', 'insights', 'publishing'].sort();
    expect(roles).toEqual(names.map((name) => ({ rolname: `postbreeze_${name}`, ...none })));
  });

  it('own the functions of the fence, which have a path of their own, and nobody else calls', async () => {
    const functions: object[] = await dataSource.query(
      `SELECT proowner::regrole::text AS owner, prosecdef AS definer, proconfig AS config,
                has_function_privilege('postbreeze_insights', oid, 'EXECUTE') AS others
           FROM pg_proc WHERE pronamespace = 'registry'::regnamespace
            AND proname <> 'endings_are_final'`,
    );
    expect(functions).toHaveLength(5);
    for (const each of functions) {
      expect(each).toEqual({
        owner: 'postbreeze_fence',
        definer: true,
        config: ['search_path=pg_catalog, pg_temp'],
        others: false,
      });
    }
  });
});

describe('A migration', () => {
  async function emptyDatabase(owner = ''): Promise<string> {
    const name = `empty_${randomBytes(6).toString('hex')}`;
    await dataSource.query(`CREATE DATABASE ${name} ${owner}`);
    bed.atEnd(() => dataSource.query(`DROP DATABASE ${name} WITH (FORCE)`));
    const url = new URL(await bed.databaseUrl());
    url.pathname = `/${name}`;
    return url.href;
  }

  it('of several databases of a server at the same time makes each role once', async () => {
    const urls = [await emptyDatabase(), await emptyDatabase(), await emptyDatabase()];
    const done = await Promise.all(urls.map(migrate));
    expect(new Set(done.map(({ length }) => length)).size).toBe(1);
  });

  it('by a login that is no superuser says what it was not granted, and works with it', async () => {
    const login = await loginUrl(await bed.databaseUrl());
    login.pathname = new URL(await emptyDatabase(`OWNER ${login.username}`)).pathname;
    // TypeORM prints what it throws, too.
    jest.spyOn(console, 'log').mockImplementation();
    await expect(migrate(login.href)).rejects.toThrow(
      `have an administrator run GRANT postbreeze_fence TO ${login.username}`,
    );
    await dataSource.query(`GRANT postbreeze_fence TO ${login.username}`);
    await expect(migrate(login.href)).rejects.toThrow(
      `have an administrator run GRANT postbreeze_audit TO ${login.username}`,
    );
    await dataSource.query(`GRANT postbreeze_audit TO ${login.username}`);
    expect((await migrate(login.href)).length).toBeGreaterThan(0);
  });

  it('by a login that may make no roles names all that are missing, also those of later migrations', async () => {
    const { username } = await loginUrl(await bed.databaseUrl());
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    // They are the server's: for this transaction alone.
    for (const role of ['postbreeze_insights', 'postbreeze_relay']) {
      await runner.query(`ALTER ROLE ${role} RENAME TO ${role}_before`);
    }
    await runner.query(`SET LOCAL ROLE ${username}`);
    const writers = dataSource.migrations.find(({ name }) => name?.startsWith('Writers'))!;
    await expect(writers.up(runner)).rejects.toThrow(
      `Roles are missing, and ${username} may not create them: have an administrator run ` +
        'CREATE ROLE postbreeze_insights NOLOGIN; CREATE ROLE postbreeze_relay NOLOGIN',
    );
    await runner.rollbackTransaction();
    await runner.release();
  });
});
