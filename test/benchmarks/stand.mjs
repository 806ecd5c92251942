import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { ulid } from 'ulid';

const built = createRequire(new URL('../../dist/', import.meta.url));
const { mintSecret, secretHash } = built('./libs/access/src');
const { loadSettings } = built('./libs/config/src');
const { startEventStore, startKafka, startPostgres } = built('./libs/embedded/src');
const { EventStore, channelStream } = built('./libs/event-store/src');
const { settingUp } = built('./libs/operations/src');
const { migrate } = built('./libs/persistence/src');
const { createReceiptKeys } = built('./libs/receipts/src');

/** Appends at the same time while channels are made. */
const writers = 16;

/**
 * Engines of their own, with their defaults: what a DELETE writes is on the disk, as in production.
 *
 * @param {{ kafka?: boolean }} [wanted] Kafka only where it is needed
 */
export async function openStand({ kafka: wantsKafka = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
  const eventStore = await startEventStore({ dataDir: join(folder, 'event-store') });
  const kafka = wantsKafka ? await startKafka({ dataDir: join(folder, 'kafka') }) : undefined;
  if (!kafka) await migrate(postgres.url);
  const database = new Client({ connectionString: postgres.url });
  await database.connect();
  const events = new EventStore(eventStore.url, 30_000);
  const children = [];
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: postgres.url,
    EVENTSTORE_URL: eventStore.url,
    RECEIPT_KEY_FILE: join(folder, 'receipt-keys.json'),
    ...(kafka && { KAFKA_BROKERS: kafka.url }),
    // Counted as ever, and never full.
    RATE_LIMIT_SHORT_REQUESTS: '1000000',
    RATE_LIMIT_LONG_REQUESTS: '1000000',
  };

  await createReceiptKeys(env.RECEIPT_KEY_FILE);
  const mandate = { actor: 'bench', reason: 'bench' };
  if (kafka) await settingUp(loadSettings('ops setup', env)).apply(mandate);

  const start = async (file, portVariable) => {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const child = fork(file, {
      cwd: folder,
      env: {
        ...env,
        [portVariable]: String(port),
        [portVariable.replace('PORT', 'METRICS_PORT')]: String(metricsPort),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`${file} didn't start`))),
    ]);
    return `http://127.0.0.1:${port}`;
  };

  return {
    database,
    events,
    env,
    settings: (role) => loadSettings(role, env),
    startApi: () => start(built.resolve('./apps/api/src/main.js'), 'API_PORT'),
    startBare: () => start(fileURLToPath(new URL('./bare-server.mjs', import.meta.url)), 'PORT'),
    admitOwner: (keys) => admitOwner(database, keys),
    connect: (workspaceId, count) => connect(events, workspaceId, count),
    live: (ids) => live(database, ids),
    startRole: (role) =>
      start(built.resolve(`./apps/${role}/src/main.js`), `${role.toUpperCase()}_PORT`),
    async close() {
      await Promise.all(children.map(end));
      await events.close();
      await database.end();
      await eventStore.stop();
      await kafka?.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An owner of a fresh workspace, with so many keys. */
async function admitOwner(database, keys) {
  const [workspaceId, userId] = [`ws_${ulid()}`, `usr_${ulid()}`];
  await database.query('INSERT INTO access.workspaces (id, name) VALUES ($1, $2)', [
    workspaceId,
    'bench',
  ]);
  await database.query(
    `INSERT INTO access.memberships (workspace_id, user_id, role) VALUES ($1, $2, 'OWNER')`,
    [workspaceId, userId],
  );
  const secrets = Array.from({ length: keys }, () => mintSecret('pb_live_'));
  for (const { secret, prefix } of secrets) {
    await database.query(
      'INSERT INTO access.api_keys (id, user_id, prefix, sha256) VALUES ($1, $2, $3, $4)',
      [`key_${ulid()}`, userId, prefix, secretHash(secret)],
    );
  }
  return { workspaceId, secrets: secrets.map(({ secret }) => secret) };
}

/** The ids of so many channels that are there because their streams say so. */
async function connect(events, workspaceId, count) {
  const ids = Array.from({ length: count }, () => `soc_${ulid()}`);
  const waiting = ids.values();
  const write = async () => {
    for (const id of waiting) {
      await events.append(channelStream(id), 'no_stream', [connected(id, workspaceId)], context);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return ids;
}

/** Waits until the registrar has seen them: before, nobody may write for them. */
async function live(database, ids) {
  for (;;) {
    const { rows } = await database.query(
      `SELECT count(*)::int AS n FROM registry.channels WHERE id = ANY ($1) AND state = 'live'`,
      [ids],
    );
    if (rows[0].n === ids.length) return;
    await wait(100);
  }
}

const context = { correlationId: 'bench', causationId: 'bench', actor: 'bench' };
const at = '2026-11-01T08:00:00.000Z';

function connected(channelId, workspaceId) {
  const data = {
    ...{ channelId, workspaceId, platform: 'INSTAGRAM', externalId: channelId },
    ...{ handle: '@brand', displayName: 'Brand', avatarUrl: null, defaultBoardId: null },
    ...{ scopes: ['instagram_basic', 'instagram_content_publish'], meta: {} },
    ...{ grantRef: 'a0'.repeat(32), grantedAt: at, tokenExpiresAt: null },
    ...{ connectedAt: at, connectedBy: `usr_${ulid()}` },
  };
  return { type: 'ChannelConnected', data };
}

async function end(child) {
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
