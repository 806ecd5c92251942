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
  const { keyId, userId, reach } = await callerOf(headers.authorization.slice(7));
  await count(`short:${keyId}`, 60_000);
  await count(`long:${keyId}`, 900_000);

  const id = url.slice(url.lastIndexOf('/') + 1);
  const { data, revision } = await lastOf(`channel-${id}`);
  if (reach.get(data.workspaceId) !== 'OWNER') throw new Error('not yours');

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

async function callerOf(secret) {
  const { rows } = await pool.query(
    `SELECT key.id, key.user_id, membership.workspace_id, membership.role
       FROM access.api_keys key
       LEFT JOIN access.memberships membership ON membership.user_id = key.user_id
        AND (key.workspace_ids IS NULL OR membership.workspace_id = ANY (key.workspace_ids))
      WHERE key.sha256 = $1 AND key.revoked_at IS NULL`,
    [createHash('sha256').update(secret).digest()],
  );
  const reach = new Map(rows.map(({ workspace_id, role }) => [workspace_id, role]));
  return { keyId: rows[0].id, userId: rows[0].user_id, reach };
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
