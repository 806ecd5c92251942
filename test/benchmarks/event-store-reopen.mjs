import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client';
import { summary } from './summary.mjs';

/**
 * `npm run bench:event-store`, its second half: how long an event store of a million events takes from the
 * start of its process until it has answered a call, after a kill each time. The file is in the system's
 * cache by then, as after any crash but the machine's own.
 */
const events = Number(process.argv[2] ?? 1_000_000);
const starts = 11;
const target = 1_000;

const built = createRequire(new URL('../../dist/', import.meta.url));
const { startEventStore } = built('./libs/embedded/src');

const folder = mkdtempSync(join(tmpdir(), 'bench-event-store-'));
try {
  const begun = performance.now();
  const script = fileURLToPath(new URL('../harness/fill-event-store.js', import.meta.url));
  execFileSync(process.execPath, [script, folder, String(events)], { stdio: 'inherit' });
  const seconds = (performance.now() - begun) / 1_000;
  const megabytes = statSync(join(folder, 'events.mdb')).size / 1e6;
  console.log(
    `${events} events written in ${seconds.toFixed(0)} s, ${megabytes.toFixed(0)} MB on disk`,
  );
  const times = [];
  for (let n = 0; n < starts; n++) times.push(await reopen());
  const { median, low, high } = summary(times);
  console.log(
    `open again after a kill: ${median.toFixed(0)} ms (${low.toFixed(0)} to ${high.toFixed(0)}), ` +
      `load ${loadavg()[0].toFixed(1)}    target < ${target}`,
  );
  console.log(median < target ? '\nwithin the target' : '\nMISSES THE TARGET');
} finally {
  rmSync(folder, { recursive: true });
}

async function reopen() {
  const begun = performance.now();
  const engine = await startEventStore({ dataDir: folder });
  const client = EventStoreDBClient.connectionString(engine.url);
  let last;
  const options = { direction: BACKWARDS, fromPosition: END, maxCount: 1 };
  for await (const { event } of client.readAll(options)) last = event.data.n;
  const took = performance.now() - begun;
  if (last !== events - 1) throw new Error(`The last event is ${last}`);
  await client.dispose();
  engine.kill();
  await engine.exited;
  return took;
}
