import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { BACKWARDS, END, EventStoreDBClient, START, streamNameFilter } from '@eventstore/db-client';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { anEvent, isOurs, longStream, prefixes, streamOf } from './event-store-history.mjs';
import { inWords, summary } from './summary.mjs';

/**
 * `npm run bench:event-store`: what the embedded event store costs beside a server that answers the same
 * calls with bytes encoded before, and no disk. Both are processes of their own and are called by the
 * official client, which is the slowest of all: so there is also a reader that decodes three times as
 * fast (ours), and what the servers' processors did is counted for itself.
 * An append waits for the disk, whose speed is not the store's: so there is also a store that doesn't sync,
 * and the two syncs of a commit are timed by themselves.
 * Rounds interleaved, ratios taken within each; every event is counted, and what was appended is read back.
 */
const count = Number(process.argv[2] ?? 40_000);
const rounds = Number(process.argv[3] ?? 9);
const singles = 400;
const batches = { size: 100, number: 100 };
const targets = {
  'append 100 at a time': 0.4,
  'read a stream': 0.7,
  'read all': 0.7,
  'catch up': 0.7,
};

const built = createRequire(new URL('../../dist/', import.meta.url));
const { startEventStore } = built('./libs/embedded/src');
const { decodeReadAnswer } = built('./libs/event-store/src/reading/read-answer');
const { readRequest } = built('./libs/event-store/src/reading/read-request');

const FastClient = makeGenericClientConstructor(
  { read: { ...StreamsService.read, responseDeserialize: decodeReadAnswer } },
  'Streams',
);

const folder = mkdtempSync(join(tmpdir(), 'bench-event-store-'));
const store = await startEventStore({ dataDir: join(folder, 'synced') });
const unsynced = await startEventStore({ dataDir: join(folder, 'unsynced'), fsync: false });
const nullServer = fork(
  fileURLToPath(new URL('./null-event-store.mjs', import.meta.url)),
  [String(count)],
  { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
);
try {
  const [{ port }] = await once(nullServer, 'message');
  const sides = {
    store: openSide(store.port, store.pid),
    'no sync': openSide(unsynced.port, unsynced.pid),
    'no store': openSide(port, nullServer.pid),
  };
  const ours = Array.from({ length: count }, (_, n) => streamOf(n, count)).filter(isOurs).length;
  for (const side of ['store', 'no sync']) await writeHistory(sides[side].client);

  const runs = {
    'append one at a time': ({ client }, round) => append(client, `single-${round}`, singles, 1),
    'append 100 at a time': ({ client }, round) =>
      append(client, `batch-${round}`, batches.number, batches.size),
    'append 100 at a time, 8 under way': ({ client }, round) =>
      appendSideBySide(client, `side-${round}`, 8),
    'read a stream': ({ client }) => drain(client.readStream(longStream), count / 2),
    'read all': ({ client }) => drain(client.readAll({ maxCount: count }), count),
    'catch up': ({ client }) => catchUp(client, ours),
    'read all, fast': ({ fast }) => readFast(fast, { onlyOurs: false, count }, count),
    'catch up, fast': ({ fast }) => readFast(fast, { onlyOurs: true, count: 'subscription' }, ours),
  };
  const results = {};
  const syncs = [];
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      for (const [sideName, side] of Object.entries(sides)) {
        if (sideName === 'no sync' && !name.startsWith('append')) continue;
        const measured = await measure(side, () => run(side, round));
        if (round === 0) continue; // warming up
        ((results[name] ??= {})[sideName] ??= []).push(measured);
      }
    }
    syncs.push(...timeSyncs(folder));
    console.log(`round ${round} of ${rounds}, load ${loadavg()[0].toFixed(1)}`);
  }
  for (const side of ['store', 'no sync']) await verifyAppends(sides[side].client);
  report(results, summary(syncs).median);
  for (const { client, fast } of Object.values(sides)) {
    await client.dispose();
    fast.close();
  }
} finally {
  nullServer.disconnect();
  await store.stop();
  await unsynced.stop();
  rmSync(folder, { recursive: true });
}

function openSide(port, pid) {
  const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
  const window = { 'grpc-node.flow_control_window': 1024 * 1024 };
  const fast = new FastClient(`127.0.0.1:${port}`, credentials.createInsecure(), window);
  return { client, fast, pid };
}

async function writeHistory(client) {
  for (let n = 0; n < count;) {
    const stream = streamOf(n, count);
    const events = [];
    for (; n < count && events.length < 500 && streamOf(n, count) === stream; n++) {
      events.push(anEvent(n));
    }
    await client.appendToStream(stream, events);
  }
}

async function append(client, stream, appends, size) {
  const events = Array.from({ length: appends * size }, (_, n) => anEvent(n));
  const begun = performance.now();
  for (let n = 0; n < appends; n++) {
    await client.appendToStream(stream, events.slice(n * size, (n + 1) * size));
  }
  return { events: events.length, ms: performance.now() - begun };
}

/** As writers do who don't know of each other: they share commits. */
async function appendSideBySide(client, prefix, writers) {
  const begun = performance.now();
  const each = Math.ceil(batches.number / writers);
  const written = await Promise.all(
    Array.from({ length: writers }, (_, n) => append(client, `${prefix}-${n}`, each, batches.size)),
  );
  return { events: sum(written.map(({ events }) => events)), ms: performance.now() - begun };
}

async function drain(events, expected) {
  const begun = performance.now();
  let seen = 0;
  for await (const { event } of events) if (event) seen++;
  return counted(seen, expected, begun);
}

async function catchUp(client, expected) {
  const begun = performance.now();
  const filter = streamNameFilter({ prefixes });
  const subscription = client.subscribeToAll({ fromPosition: START, filter });
  let seen = 0;
  for await (const { event } of subscription) if (event && ++seen === expected) break;
  const caughtUp = counted(seen, expected, begun);
  // To leave the loop is not enough: the call would live on, and be told of every later append.
  await subscription.unsubscribe();
  return caughtUp;
}

async function readFast(client, asked, expected) {
  const begun = performance.now();
  const call = client.read(readRequest({ from: 'start', ...asked }));
  let seen = 0;
  for await (const { event } of call) if (event && ++seen === expected) break;
  call.on('error', () => undefined);
  call.cancel();
  return counted(seen, expected, begun);
}

function counted(seen, expected, begun) {
  if (seen !== expected) throw new Error(`${seen} events of ${expected}`);
  return { events: seen, ms: performance.now() - begun };
}

async function measure({ pid }, run) {
  const before = cpuMs(pid);
  const { events, ms } = await run();
  return { perSecond: (events * 1_000) / ms, cpu: cpuMs(pid) - before, events };
}

/** What a process's processor time was until now, all its threads together; Linux counts in 10 ms. */
function cpuMs(pid) {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

/**
 * What the disk takes for what a commit of 100 events asks of it: new pages and a sync, then a head that
 * is written through.
 *
 * @returns milliseconds, of each try
 */
function timeSyncs(path) {
  const [pages, head] = [new Uint8Array(90 * 1024), new Uint8Array(128)];
  const handle = openSync(join(path, 'syncs'), 'w');
  const { O_CREAT, O_RDWR, O_DSYNC } = constants;
  const through = openSync(join(path, 'syncs-head'), O_CREAT | O_RDWR | O_DSYNC);
  const times = Array.from({ length: 20 }, () => {
    const begun = performance.now();
    writeSync(handle, pages);
    fdatasyncSync(handle);
    writeSync(through, head, 0, head.length, 0);
    return performance.now() - begun;
  });
  closeSync(handle);
  closeSync(through);
  return times;
}

async function verifyAppends(client) {
  const expected = { single: singles, batch: batches.number * batches.size };
  for (const [name, events] of Object.entries(expected)) {
    for (let round = 0; round <= rounds; round++) {
      const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1 };
      for await (const { event } of client.readStream(`${name}-${round}`, options)) {
        if (Number(event.revision) !== events - 1) throw new Error(`${name}-${round} is short`);
      }
    }
  }
}

function report(results, syncMs) {
  console.log(
    `\nevents per second through the official client, each count verified; load ${loadavg()[0].toFixed(1)}` +
      `\nthe two syncs of a commit, by themselves: ${syncMs.toFixed(1)} ms`,
  );
  let met = true;
  for (const [name, sides] of Object.entries(results)) {
    const target = targets[name];
    const ratio = ratioOf(sides, 'store');
    if (target && ratio < target) met = false;
    console.log(`\n${name}`);
    for (const [side, measured] of Object.entries(sides)) {
      const rates = summary(measured.map(({ perSecond }) => perSecond));
      console.log(`  ${side.padEnd(11)} ${inWords(rates)}`);
    }
    console.log(
      `  ratio       ${ratio.toFixed(2)}    ${target ? `target >= ${target}` : 'reported'}`,
    );
    if (sides['no sync']) {
      console.log(
        `  ratio       ${ratioOf(sides, 'no sync').toFixed(2)}    without syncs: a disk of no cost`,
      );
    }
    const [cpu, without] = [cpuOf(sides.store), cpuOf(sides['no store'])];
    console.log(
      `  processor   ${cpu.toFixed(1)} µs an event, without a store ${without.toFixed(1)}:` +
        ` ratio ${(without / cpu).toFixed(2)}`,
    );
  }
  console.log(met ? '\nwithin the targets' : '\nMISSES A TARGET');
}

/** The median of the rounds' ratios: within a round, the machine is as busy for the one as for the other. */
function ratioOf(sides, side) {
  const ratios = sides[side].map(
    ({ perSecond }, round) => perSecond / sides['no store'][round].perSecond,
  );
  return summary(ratios).median;
}

/** In microseconds an event. */
function cpuOf(measured) {
  return (sum(measured.map((run) => run.cpu)) * 1_000) / sum(measured.map((run) => run.events));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
