import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { Pool } from 'pg';

/**
 * What DELETE is measured against: the same store calls in the same order, and nothing else. No
 * framework, no validation, no log, no rule but the one that a request needs to be answered.
 */
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const events = EventStoreDBClient.connectionString(process.env.EVENTSTORE_URL);
const effects = ['token-wipe', 'analytics-purge', 'comments-purge', 'schedule-cancel'];

const server = createServer((request, response) => {
  disconnect(request).then(
    (row) => response.writeHead(200, { 'content-type': 'application/json' }).end(row),
    (error) => response.writeHead(500).end(String(error)),
  );
});

async function disconnect({ url, headers }) {
  const { id: keyId, user_id: userId } = await keyOf(headers.authorization.slice(7));
  const memberships = await pool.query(
    'SELECT workspace_id, role FROM access.memberships WHERE user_id = $1',
    [userId],
  );
  await count(`short:${keyId}`, 60_000);
  await count(`long:${keyId}`, 900_000);

  const id = url.slice(url.lastIndexOf('/') + 1);
  const { data, revision } = await lastOf(`channel-${id}`);
  const { role } = memberships.rows.find((row) => row.workspace_id === data.workspaceId);
  if (role !== 'OWNER') throw new Error('not yours');

  const requestedAt = new Date().toISOString();
  await append(`channel-${id}`, revision, {
    channelId: id,
    workspaceId: data.workspaceId,
    platform: data.platform,
    requestedAt,
    requestedBy: userId,
    reason: 'USER_REQUEST',
    plan: effects.map((effect) => ({ effect, deadline: requestedAt })),
  });
  await pool.query(
    `INSERT INTO registry.endings (channel_id, kind, ended_at) VALUES ($1, 'disconnected', $2)
     ON CONFLICT (channel_id) DO NOTHING`,
    [id, requestedAt],
  );
  return JSON.stringify({ ...data, id, status: 'DISCONNECTED' });
}

async function keyOf(secret) {
  const { rows } = await pool.query(
    `SELECT id, user_id, workspace_ids FROM access.api_keys
      WHERE sha256 = $1 AND revoked_at IS NULL`,
    [createHash('sha256').update(secret).digest()],
  );
  return rows[0];
}

/** One of the two windows that a request counts in. */
async function count(key, windowMs) {
  await pool.query(
    `INSERT INTO access.rate_limits AS held (key, points, expires_at)
     VALUES ($1, 1, statement_timestamp() + $2 * interval '1 millisecond')
     ON CONFLICT (key) DO UPDATE SET points = held.points + 1 RETURNING points`,
    [key, windowMs],
  );
}

async function lastOf(stream) {
  let last;
  for await (const { event } of events.readStream(stream, { requiresLeader: true })) last = event;
  return last;
}

async function append(stream, expectedRevision, data) {
  const metadata = {
    schemaVersion: 1,
    correlationId: 'bench',
    causationId: 'bench',
    actor: 'bench',
  };
  const event = jsonEvent({ id: randomUUID(), type: 'ChannelDisconnected', data, metadata });
  await events.appendToStream(stream, [event], { expectedRevision });
}

server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send({ ready: true }));
process.on('disconnect', () => process.exit());
