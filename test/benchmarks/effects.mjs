import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import { Logger } from '@nestjs/common';
import { openDeleter } from './load.mjs';
import { openStand } from './stand.mjs';
import { percentile } from './summary.mjs';

/**
 * `npm run bench:effects`: how long after DELETE's answer every effect is done, at 10 and at 50
 * disconnects a second, through all roles as processes of their own. Beside it the stages that every
 * disconnect goes through, each with its own median, from the times that the stores have kept:
 * what the whole takes beyond their sum is waiting between them.
 */
const rates = [10, 50];
const seconds = 20;
const content = { snapshots: 50, comments: 10, targets: 3 };

const built = createRequire(new URL('../../dist/', import.meta.url));
const { channelsTopic } = built('./libs/contracts/src');
const { disconnectionStream, channelStream } = built('./libs/event-store/src');
const { KafkaClient, runConsumer } = built('./libs/kafka/src');

Logger.overrideLogger(['warn', 'error', 'fatal']);
const stand = await openStand({ kafka: true });
const kafka = new KafkaClient(stand.settings('relay'));
const announcedAt = new Map();
const listening = new globalThis.AbortController();
try {
  const { workspaceId, secrets } = await stand.admitOwner(16);
  const api = await stand.startApi();
  for (const role of ['projector', 'relay', 'subscribers']) await stand.startRole(role);
  const listener = listen();
  const results = [];
  for (const rate of rates) {
    const ids = await stand.connect(workspaceId, rate * seconds);
    await stand.live(ids);
    await addContent(workspaceId, ids);
    console.log(`${ids.length} disconnects, ${rate} a second`);
    const answeredAt = await disconnectSteadily(api, ids, secrets, rate);
    await completed(ids);
    results.push({ rate, ...(await measure(ids, answeredAt)) });
  }
  listening.abort();
  await listener;
  report(results);
} finally {
  await stand.close();
}

/** When each disconnect could be read from the broker, by a consumer that does nothing else. */
function listen() {
  return runConsumer(kafka, {
    groupId: `bench-${randomUUID()}`,
    topics: [channelsTopic],
    fromBeginning: true,
    handle: async ({ key, headers }) => {
      if (headers.ce_type?.endsWith('channel.disconnected.v1')) announcedAt.set(key, Date.now());
    },
    signal: listening.signal,
    onFatal: (error) => {
      throw error;
    },
  });
}

/** What the other services keep for each channel. */
async function addContent(workspaceId, ids) {
  const { snapshots, comments, targets } = content;
  await stand.database.query(
    `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
     SELECT id || n, id, now(), '{}' FROM unnest($1::text[]) id, generate_series(1, $2::int) n`,
    [ids, snapshots],
  );
  await stand.database.query(
    `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
     SELECT id || n, id, n, 'somebody', 'x', now()
       FROM unnest($1::text[]) id, generate_series(1, $2::int) n`,
    [ids, comments],
  );
  await stand.database.query(
    `INSERT INTO publishing.posts (id, workspace_id, status, body)
     SELECT 'post_' || id || n, $3, 'SCHEDULED', 'x'
       FROM unnest($1::text[]) id, generate_series(1, $2::int) n`,
    [ids, targets, workspaceId],
  );
  await stand.database.query(
    `INSERT INTO publishing.post_targets (id, post_id, channel_id, status)
     SELECT 'tgt_' || id || n, 'post_' || id || n, id, 'SCHEDULED'
       FROM unnest($1::text[]) id, generate_series(1, $2::int) n`,
    [ids, targets],
  );
}

/**
 * One DELETE each `1 / rate` seconds, whether the one before has been answered or not.
 *
 * @returns when each was answered, by id, in milliseconds of the epoch
 */
async function disconnectSteadily(api, ids, secrets, rate) {
  const send = openDeleter(api);
  const begun = performance.now();
  const answeredAt = new Map();
  await Promise.all(
    ids.map(async (id, index) => {
      await wait(Math.max(0, begun + (index * 1_000) / rate - performance.now()));
      await send(id, secrets[index % secrets.length]);
      answeredAt.set(id, Date.now());
    }),
  );
  send.close();
  return answeredAt;
}

async function completed(ids) {
  for (;;) {
    const { rows } = await stand.database.query(
      `SELECT count(*)::int AS n FROM effects.work
        WHERE channel_id = ANY ($1) AND state = 'recorded'`,
      [ids],
    );
    if (rows[0].n === ids.length * 4) return;
    await wait(100);
  }
}

/** Milliseconds of each stage and of the whole, for each channel; what was done is looked up, too. */
async function measure(ids, answeredAt) {
  const { rows } = await stand.database.query(
    `SELECT channel_id AS id, max(received_at) AS received, max(finished_at) AS finished,
            sum((counts ->> 'deleted')::int) AS deleted, sum((counts ->> 'canceled')::int) AS canceled
       FROM effects.work WHERE channel_id = ANY ($1) GROUP BY channel_id`,
    [ids],
  );
  const stages = { relay: [], inbox: [], effects: [], record: [] };
  const whole = [];
  for (const { id, received, finished, deleted, canceled } of rows) {
    if (
      Number(deleted) !== content.snapshots + content.comments ||
      Number(canceled) !== content.targets
    ) {
      throw new Error(`${id}: ${deleted} rows deleted, ${canceled} targets canceled`);
    }
    const end = await stand.events.readLast(channelStream(id));
    const completion = await stand.events.readLast(disconnectionStream(id));
    if (completion?.event.type !== 'DisconnectionCompleted')
      throw new Error(`${id}: not completed`);
    const announced = announcedAt.get(id);
    stages.relay.push(announced - end.recordedAt);
    stages.inbox.push(received - announced);
    stages.effects.push(finished - received);
    stages.record.push(completion.recordedAt - finished);
    whole.push(finished - answeredAt.get(id));
  }
  return { whole, stages };
}

function report(results) {
  console.log('\nmilliseconds from the answer of DELETE to the last effect done');
  for (const { rate, whole, stages } of results) {
    const { record, ...toDone } = stages;
    const medians = Object.values(toDone).map((values) => percentile(values, 0.5));
    const sum = medians.reduce((total, median) => total + median, 0);
    const [p50, p99] = [percentile(whole, 0.5), percentile(whole, 0.99)];
    console.log(
      `${rate} a second: p50 ${p50}, p99 ${p99}; sum of the stages' medians ${sum} (${Object.keys(
        toDone,
      )
        .map((name, index) => `${name} ${medians[index]}`)
        .join(', ')}): ${(p50 / sum).toFixed(2)} of it`,
    );
    console.log(`    and until that is recorded: p50 ${percentile(record, 0.5)} more`);
  }
}
