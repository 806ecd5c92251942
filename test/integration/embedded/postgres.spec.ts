import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EngineStartError,
  type RunningEngine,
  clearEngineData,
  startPostgres,
} from '@app/embedded';
import { Client } from 'pg';

describe('the embedded PostgreSQL', () => {
  // A folder that only its owner can enter, like root's home.
  const folder = mkdtempSync(join(tmpdir(), 'embedded-postgres-'));
  const dataDir = join(folder, 'postgres');
  const said: string[] = [];
  let postgres: RunningEngine;

  const start = (port?: number) =>
    startPostgres({ dataDir, port, fsync: false, onProgress: (line) => said.push(line) });

  async function query(sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    postgres = await start();
    await query('CREATE TABLE note (text text)');
  });
  afterAll(async () => {
    await postgres.stop();
    await clearEngineData(dataDir);
    rmSync(folder, { recursive: true });
  });

  it('has the database postbreeze, in UTF-8 and UTC, and said that it made a cluster', async () => {
    expect(new URL(postgres.url).pathname).toBe('/postbreeze');
    expect(await query('SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    expect(await query('SHOW timezone')).toEqual([{ TimeZone: 'UTC' }]);
    expect(said[0]).toMatch(/initdb/);
  });

  it('lets nobody in without the password', async () => {
    const url = new URL(postgres.url);
    url.password = 'wrong';
    const client = new Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toThrow('password authentication failed');
  });

  it('has its data and its port again after a stop', async () => {
    await query(`INSERT INTO note VALUES ('before the stop')`);
    await postgres.stop();
    expect(await postgres.exited).toEqual({ code: 0, signal: null });
    const { url } = postgres;
    postgres = await start();
    expect(postgres.url).toBe(url);
    expect(await query('SELECT text FROM note')).toEqual([{ text: 'before the stop' }]);
  });

  it('has its data and its port again after kill -9', async () => {
    await query(`INSERT INTO note VALUES ('before the crash')`);
    postgres.kill();
    expect(await postgres.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const { url } = postgres;
    postgres = await start();
    expect(postgres.url).toBe(url);
    expect(await query('SELECT text FROM note')).toContainEqual({ text: 'before the crash' });
  });

  it('refuses a second start on its folder, and does not hurt the first', async () => {
    await expect(start()).rejects.toThrow(EngineStartError);
    await expect(start()).rejects.toThrow(
      `The embedded postgres already runs on this data folder (process ${postgres.pid}`,
    );
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('moves away from a kept port that somebody has taken, and says so', async () => {
    await postgres.stop();
    const { port } = postgres;
    const stranger = createServer().listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      await expect(start(port)).rejects.toThrow(`Port ${port} for the embedded postgres is taken`);
      postgres = await start();
    } finally {
      await once(stranger.close(), 'close');
    }
    expect(said).toContain(
      `Port ${port} of postgres is taken by another process: now using ${postgres.port}`,
    );
    expect(await query('SELECT count(*)::int FROM note')).toEqual([{ count: 2 }]);
  });

  it('begins anew in a folder that was removed with its checkout and stands there again', async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true });
    postgres = await start();
    expect(await query(`SELECT to_regclass('note') AS note`)).toEqual([{ note: null }]);
    await postgres.stop();
    rmSync(join(dataDir, 'password'));
    await expect(start()).rejects.toThrow('password is gone');
    await clearEngineData(dataDir);
    postgres = await start();
  });

  it('says that the password is wrong instead of waiting', async () => {
    await query(`ALTER USER postgres PASSWORD 'another'`);
    await postgres.stop();
    await expect(start()).rejects.toThrow(/refuses the password in its data folder/);
  });

  it('is removed with all that it had elsewhere', async () => {
    const pointer = join(dataDir, 'outside');
    const outside = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : dataDir;
    expect(existsSync(join(outside, 'cluster'))).toBe(true);
    await clearEngineData(dataDir);
    expect(existsSync(outside)).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
  });

  it("refuses another user's folder", async () => {
    const { dataDir: theirs, owner, us } = anothersFolder();
    await expect(startPostgres({ dataDir: theirs })).rejects.toThrow(
      `was made by user ${owner} and this is ${us}: run as the same user`,
    );
  });

  /** Root can make one; for anybody else there is always root's. */
  function anothersFolder(): { dataDir: string; owner: string; us: string } {
    if (process.getuid?.() !== 0) {
      return { dataDir: '/', owner: 'root', us: `user ${process.getuid?.()}` };
    }
    const dataDir = join(folder, 'theirs');
    mkdirSync(dataDir);
    chownSync(dataDir, 1234, 1234);
    return { dataDir, owner: '1234', us: 'root' };
  }
});
