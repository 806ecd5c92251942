import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { ulid } from 'ulid';

const connections = 8;
/** Writes of all together. */
const perSecond = 400;

/**
 * Services that cache analytics and comments of these channels: half of their writes are new rows,
 * half refresh a row that is there, each in a transaction of its own.
 *
 * @param {string} url of the database
 * @param {readonly string[]} channelIds that have 1,000 rows of each kind at least
 */
export async function openWriters(url, channelIds) {
  const clients = Array.from({ length: connections }, () => new Client({ connectionString: url }));
  for (const client of clients) await client.connect();
  let inserted = 0;
  const some = (values) => values[Math.floor(Math.random() * values.length)];
  const kinds = [
    async (client) => {
      await client.query(insertSnapshot, [ulid(), some(channelIds)]);
      inserted++;
    },
    async (client) => {
      await client.query(insertComment, [ulid(), some(channelIds)]);
      inserted++;
    },
    (client) => client.query(refreshSnapshot, [anyRowOf(some(channelIds))]),
    (client) => client.query(refreshComment, [anyRowOf(some(channelIds))]),
  ];

  /** One write each `connections / perSecond`, unless the one before has taken longer. */
  const writeOn = async (client, offset, note, isOver) => {
    const begun = performance.now() + (offset * 1_000) / perSecond;
    for (let turn = 0; !isOver(); turn++) {
      const due = begun + (turn * connections * 1_000) / perSecond;
      const early = due - performance.now();
      if (early > 0) await wait(early);
      // Of one that is late, the time that it has waited counts; a timer that was late doesn't.
      const from = early > 0 ? performance.now() : due;
      const noted = note();
      await kinds[turn % kinds.length](client);
      noted.push(performance.now() - from);
    }
  };

  return {
    /**
     * Writes while something happens, which names its phases as it enters them.
     *
     * @param {(enter: (phase: string) => void) => Promise<T>} happening
     * @returns what came of it, and how many milliseconds each write of each phase took
     * @throws Error when a write was refused
     */
    async during(happening) {
      const latencies = {};
      let phase;
      let over = false;
      const enter = (name) => (phase = latencies[name] ??= []);
      const done = happening(enter).finally(() => (over = true));
      const writing = clients.map((client, index) =>
        writeOn(
          client,
          index,
          () => phase,
          () => over,
        ),
      );
      const [result] = await Promise.all([done, ...writing]);
      return { result, latencies };
    },
    /** How many rows were inserted in all. */
    async close() {
      for (const client of clients) await client.end();
      return inserted;
    },
  };
}

const anyRowOf = (channelId) => `${channelId}:${1 + Math.floor(Math.random() * 1_000)}`;

const insertSnapshot = `
  INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
  VALUES ($1, $2, now(), '{"impressions": 1}')`;
const insertComment = `
  INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
  VALUES ($1, $2, $1, 'somebody', 'nice words', now())`;
const refreshSnapshot = `
  UPDATE insights.analytics_snapshots SET captured_at = now(), payload = '{"impressions": 2}'
   WHERE id = $1`;
const refreshComment = `UPDATE insights.comments SET body = 'other words' WHERE id = $1`;
