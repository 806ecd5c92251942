import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { openDeleter } from './load.mjs';
import { openStand } from './stand.mjs';
import { inWords, percentile, summary } from './summary.mjs';
import { openWriters } from './writers.mjs';

/**
 * `npm run bench:purge`: what the writers of other channels feel while one channel's million cached
 * rows are purged, by the real effects in the real worker process after a real DELETE. They insert
 * and refresh rows at a steady rate: for a while with nothing else going on, then during the purge,
 * round after round. Every round's receipt must count the million exactly, no writer may be refused,
 * and what they have written is counted afterwards.
 */
const rows = { snapshots: 500_000, comments: 500_000 };
const rounds = 3;
const secondsWithout = 10;
const target = 2;
const others = { channels: 50, rowsOfEach: 2_000 };
/** Rows in one statement while a channel is filled. */
const chunk = 50_000;

Logger.overrideLogger(['warn', 'error', 'fatal']);
const stand = await openStand({ kafka: true });
const { database } = stand;
try {
  const { workspaceId, secrets } = await stand.admitOwner(1);
  const api = await stand.startApi();
  for (const role of ['projector', 'relay', 'subscribers']) await stand.startRole(role);
  const ids = await stand.connect(workspaceId, others.channels);
  await stand.live(ids);
  for (const id of ids) await fill(id, others.rowsOfEach, others.rowsOfEach);
  const writers = await openWriters(stand.settings('subscribers').databaseUrl, ids);
  const send = openDeleter(api);

  const results = [];
  for (let round = 0; round <= rounds; round++) {
    const [id] = await stand.connect(workspaceId, 1);
    await stand.live([id]);
    await fill(id, rows.snapshots, rows.comments);
    await settle();
    const { result: receipt, latencies } = await writers.during(async (enter) => {
      enter('without');
      await wait(secondsWithout * 1_000);
      enter('during');
      await send(id, secrets[0]);
      return receiptOf(api, id, secrets[0]);
    });
    const result = { ...latencies, ...verified(id, receipt) };
    console.log(`${round === 0 ? 'warm-up' : `round ${round}`}  ${roundInWords(result)}`);
    if (round > 0) results.push(result);
  }
  send.close();
  await verifyOthers(await writers.close());
  report(results);
} finally {
  await stand.close();
}

/** What the other services keep for a channel. */
async function fill(id, snapshots, comments) {
  const each = async (sql, count) => {
    for (let from = 1; from <= count; from += chunk) {
      await database.query(sql, [id, from, Math.min(from + chunk - 1, count)]);
    }
  };
  await each(
    `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
     SELECT $1 || ':' || n, $1, now(), jsonb_build_object('impressions', n, 'reach', n, 'saves', 3)
       FROM generate_series($2::int, $3::int) n`,
    snapshots,
  );
  await each(
    `INSERT INTO insights.comments (id, channel_id, external_comment_id, author, body, received_at)
     SELECT $1 || ':' || n, $1, n, 'somebody', repeat('nice words ', 8), now()
       FROM generate_series($2::int, $3::int) n`,
    comments,
  );
}

/** What filling and purging leave to be done is done, so that each phase begins with the same. */
async function settle() {
  await database.query('VACUUM ANALYZE insights.analytics_snapshots');
  await database.query('VACUUM ANALYZE insights.comments');
  await database.query('CHECKPOINT');
}

/** The receipt, as soon as everything is done. */
async function receiptOf(api, id, secret) {
  const url = `${api}/api/v1/social-accounts/${id}/disconnection`;
  for (;;) {
    const answer = await globalThis.fetch(url, { headers: { authorization: `Bearer ${secret}` } });
    const receipt = await answer.json();
    if (receipt.status === 'COMPLETED') return receipt;
    await wait(100);
  }
}

/** What the receipt says: how much, and how fast by its own times; its counts must be exact. */
function verified(id, { effects }) {
  const purges = effects.filter(({ name }) => name.endsWith('-purge'));
  const deleted = purges.reduce((sum, { counts }) => sum + counts.deleted, 0);
  const wanted = rows.snapshots + rows.comments;
  if (deleted !== wanted) throw new Error(`${id}: ${deleted} of ${wanted} rows on the receipt`);
  const from = Math.min(...purges.map(({ firstAttemptAt }) => Date.parse(firstAttemptAt)));
  const to = Math.max(...purges.map(({ finishedAt }) => Date.parse(finishedAt)));
  return { deleted, perSecond: deleted / ((to - from) / 1_000) };
}

/** Nothing of other channels is gone, and of the purged ones nothing is left. */
async function verifyOthers(inserted) {
  const { rows: found } = await database.query(
    `SELECT ((SELECT count(*) FROM insights.analytics_snapshots)
           + (SELECT count(*) FROM insights.comments))::int AS n`,
  );
  const wanted = others.channels * others.rowsOfEach * 2 + inserted;
  if (found[0].n !== wanted) throw new Error(`${found[0].n} rows are there instead of ${wanted}`);
  console.log(`verified: all ${wanted} rows of other channels are there, and no other`);
}

function roundInWords({ without, during, deleted, perSecond }) {
  const p99 = (latencies) =>
    `${percentile(latencies, 0.99).toFixed(1)} ms of ${latencies.length} writes`;
  return (
    `p99 ${p99(without)} without, ${p99(during)} during; ` +
    `${deleted} rows on the receipt, ${perSecond.toFixed(0)}/s`
  );
}

function report(results) {
  const of = (phase, share) => summary(results.map((result) => percentile(result[phase], share)));
  console.log('\nmilliseconds that a write of another channel takes, medians of the rounds');
  for (const share of [0.5, 0.95, 0.99, 0.999]) {
    const [without, during] = [of('without', share), of('during', share)];
    const ratio = (during.median / without.median).toFixed(2);
    const name = `p${share * 100}`;
    console.log(`${name}: ${inWords(without)} without, ${inWords(during)} during: ${ratio}x`);
  }
  console.log(`rows purged a second: ${inWords(summary(results.map((it) => it.perSecond)))}`);
  const ratio = of('during', 0.99).median / of('without', 0.99).median;
  console.log(ratio <= target ? '\nwithin the target' : `\nMISSES THE TARGET of ${target}x`);
}
