import { disconnectAll } from './load.mjs';
import { openStand } from './stand.mjs';

/**
 * `npm run bench:disconnect`: what this service adds to the store calls that a disconnect needs.
 * DELETE through the real api process, beside a bare `node:http` process that makes the same store
 * calls, 16 at once, rounds interleaved, and every result looked up in both stores afterwards.
 */
const atOnce = 16;
const rounds = 7;
const perRound = 400;
const target = { rate: 0.75, p99: 1.5 };

const stand = await openStand();
try {
  const { workspaceId, secrets } = await stand.admitOwner(atOnce);
  const servers = { api: await stand.startApi(), bare: await stand.startBare() };
  const results = { api: [], bare: [] };
  const ended = [];

  const run = async (name) => {
    const ids = await stand.connect(workspaceId, perRound);
    const round = await disconnectAll(servers[name], ids, secrets);
    ended.push(...ids);
    return round;
  };

  console.log(`warming up, then ${rounds} rounds of ${perRound} DELETEs each, ${atOnce} at once`);
  for (const name of ['bare', 'api', 'bare', 'api']) await run(name);
  for (let n = 0; n < rounds; n++) {
    // Who goes first changes, since the second finds the stores warmer.
    for (const name of n % 2 ? ['api', 'bare'] : ['bare', 'api']) {
      const round = await run(name);
      results[name].push(round);
      console.log(`round ${n + 1}  ${name.padEnd(4)}  ${inWords(round)}`);
    }
  }
  await verify(stand, ended);
  report(results);
} finally {
  await stand.close();
}

/** Every channel: its two events, and its ending. */
async function verify({ events, database }, ids) {
  const disconnected = new Map();
  for await (const { event } of events.client.readAll()) {
    if (event?.type !== 'ChannelDisconnected') continue;
    disconnected.set(event.streamId, (disconnected.get(event.streamId) ?? 0) + 1);
  }
  const wrong = ids.filter((id) => disconnected.get(`channel-${id}`) !== 1);
  const { rows } = await database.query('SELECT count(*)::int AS n FROM registry.endings');
  if (wrong.length > 0 || disconnected.size !== ids.length || rows[0].n !== ids.length) {
    throw new Error(`${ids.length} disconnects asked for, but not as many found in the stores`);
  }
  console.log(`verified: ${ids.length} ChannelDisconnected, one a channel, and as many endings`);
}

function report({ api, bare }) {
  const [rate, p50, p99] = ['perSecond', 'p50', 'p99'].map((value) => {
    const [ours, theirs] = [summary(api, value), summary(bare, value)];
    return { ours, theirs, ratio: ours.median / theirs.median };
  });
  console.log();
  console.log(line('', 'api', 'bare', 'ratio of medians', 'target'));
  console.log(row('per second', rate, `>= ${target.rate}`));
  console.log(row('p50 ms', p50, ''));
  console.log(row('p99 ms', p99, `<= ${target.p99}`));
  const met = rate.ratio >= target.rate && p99.ratio <= target.p99;
  console.log(met ? '\nwithin the target' : '\nMISSES THE TARGET');
}

function summary(results, value) {
  const sorted = results.map((round) => round[value]).sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], low: sorted[0], high: sorted.at(-1) };
}

function inWords({ perSecond, p50, p99 }) {
  return `${perSecond.toFixed(0).padStart(5)}/s  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms`;
}

function row(name, { ours, theirs, ratio }, wanted) {
  const cell = ({ median, low, high }) => `${fixed(median)} (${fixed(low)} to ${fixed(high)})`;
  return line(name, cell(ours), cell(theirs), ratio.toFixed(2), wanted);
}

function line(name, ours, theirs, ratio, wanted) {
  return [name.padEnd(12), ours.padEnd(24), theirs.padEnd(24), ratio.padEnd(18), wanted].join('');
}

function fixed(value) {
  return value.toFixed(value < 100 ? 1 : 0);
}
