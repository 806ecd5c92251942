import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { recordHistory } from './history.mjs';
import { openStand } from './stand.mjs';
import { inWords, summary } from './summary.mjs';

/**
 * The second half of `npm run bench:rebuild`: what an event costs in a log that is 8 times as long, and the
 * most memory that `ops projections replay` takes for a million events. Rounds interleaved.
 */
const large = Number(process.argv[2] ?? 1_000_000);
const times = 8;
const rounds = 3;
const target = { cost: 1.2, megabytes: 300 };

const built = createRequire(new URL('../../dist/', import.meta.url));
const { dataSourceOptions } = built('./libs/persistence/src');
const { ChannelsProjection, dropGeneration, listGenerations, replay } =
  built('./libs/projections/src');

Logger.overrideLogger(['warn', 'error', 'fatal']);
const logs = [];
try {
  for (const wanted of [large / times, large]) logs.push(await log(wanted));
  const cost = logs.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [n, { written, rebuild }] of logs.entries()) {
      const begun = performance.now();
      const { events, rows } = await rebuild();
      const microseconds = ((performance.now() - begun) * 1_000) / events;
      if (events !== written) throw new Error(`${events} events of ${written} were read`);
      if (round === 0) continue; // warming up
      cost[n].push(microseconds);
      console.log(
        `round ${round}  ${String(events).padStart(8)} events, ${rows} rows  ${microseconds.toFixed(1)} µs each`,
      );
    }
  }
  const megabytes = await peakMemory(logs[1].stand);
  report(cost, megabytes);
} finally {
  for (const { stand, dataSource } of logs) {
    await dataSource.destroy();
    await stand.close();
  }
}

/** A history of its own, in engines of its own. */
async function log(wanted) {
  const stand = await openStand();
  const written = await recordHistory(stand.events, wanted);
  console.log(`a history of ${written} events`);
  const { databaseUrl } = stand.settings('projector');
  const options = dataSourceOptions(databaseUrl, { size: 6, timeoutMs: 10_000 }, []);
  const dataSource = await new DataSource(options).initialize();
  const rebuild = async () => {
    const { events, rows } = await replay({
      ...{ projection: new ChannelsProjection(), dataSource, events: stand.events },
      ...{ swap: true, swapWithinMs: 10_000, signal: new globalThis.AbortController().signal },
      onProgress: () => undefined,
    });
    for (const generation of await listGenerations(dataSource, 'channels')) {
      if (generation.state === 'standby') await dropGeneration(dataSource, generation);
    }
    return { events, rows };
  };
  return { stand, dataSource, written, rebuild };
}

/** Of the operator's process, as it is started by `npm run ops`; MB, by what the kernel saw at its highest. */
async function peakMemory({ env }) {
  const args = [
    'projections',
    'replay',
    'channels',
    '--json',
    '--actor',
    'bench',
    '--reason',
    'bench',
  ];
  const main = built.resolve('./apps/ops/src/main');
  const child = spawn(process.execPath, ['--max-semi-space-size=32', main, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let [ended, kilobytes] = [false, 0];
  const end = once(child, 'exit').then(([code]) => ((ended = true), code));
  while (!ended) {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      kilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? kilobytes);
    } catch {
      // It has just ended.
    }
    await wait(20);
  }
  if ((await end) !== 0) throw new Error('the replay failed');
  return kilobytes / 1_024;
}

function report([small, big], megabytes) {
  console.log();
  console.log(`${large / times} events  ${inWords(summary(small))} µs each`);
  console.log(`${large} events ${inWords(summary(big))} µs each`);
  const ratio = summary(big).median / summary(small).median;
  console.log(`cost at ${times}x the log     ${ratio.toFixed(2)}   target <= ${target.cost}`);
  console.log(`peak memory of ops   ${megabytes.toFixed(0)} MB   target <= ${target.megabytes}`);
  const met = ratio <= target.cost && megabytes <= target.megabytes;
  console.log(met ? '\nwithin the target' : '\nMISSES THE TARGET');
}
