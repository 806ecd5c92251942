import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, START, streamNameFilter } from '@eventstore/db-client';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { recordHistory } from './history.mjs';
import { openStand } from './stand.mjs';
import { inWords, summary } from './summary.mjs';

/**
 * `npm run bench:rebuild`: what a replay of the channels costs, from its first event until readers see
 * it, beside
 * (a) COPY of the rows that come out of it, encoded here, into the same table with its primary key;
 * (b) the same history read with the official client and thrown away;
 * (c) a transaction for each event, as a projector without batches does it.
 * Rounds interleaved; after each, the rows of all are counted, and checkpoints are held against the last event.
 */
const wanted = Number(process.argv[2] ?? 200_000);
const rounds = 5;
/** Of the history: a transaction for each event takes its time. */
const singles = 3_000;
const target = { drain: 2, single: 40 };
/** The tables of (a) and (c), until they are counted. */
const copied = 'read_model.bench_copy';
const single = {
  of: { projection: 'channels', generation: 900_000 },
  table: 'read_model.channels_g900000',
};

const built = createRequire(new URL('../../dist/', import.meta.url));
const { readEvents } = built('./libs/event-store/src');
const { CheckpointStore, dataSourceOptions } = built('./libs/persistence/src');
const {
  ChannelsProjection,
  dropGeneration,
  generationName,
  GenerationHandler,
  listGenerations,
  replay,
} = built('./libs/projections/src');
const { RowTable } = built('./libs/projections/src/runtime/row-table');
const { createTable } = built('./libs/projections/src/runtime/table-shape');

Logger.overrideLogger(['warn', 'error', 'fatal']);
const projection = new ChannelsProjection();
const stand = await openStand();
const settings = stand.settings('projector');
const dataSource = await new DataSource(
  dataSourceOptions(settings.databaseUrl, { size: 6, timeoutMs: 10_000 }, []),
).initialize();
const checkpoints = new CheckpointStore(dataSource);
/** As it is: ours has a wider window. */
const official = EventStoreDBClient.connectionString(settings.eventstoreUrl);
try {
  const written = await recordHistory(stand.events, wanted);
  const last = await stand.events.lastEvent();
  console.log(`a history of ${written} events`);
  await rebuild();
  const rows = await everyRow();
  const history = await firstEvents(singles);

  const runs = { rebuild, copy: () => copy(rows), drain, single: () => oneByOne(history) };
  const rates = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const begun = performance.now();
      const events = await run();
      const perSecond = events / ((performance.now() - begun) / 1_000);
      if (round === 0) continue; // warming up
      rates[name].push(perSecond);
      console.log(`round ${round}  ${name.padEnd(8)} ${perSecond.toFixed(0).padStart(8)}/s`);
    }
    await verifyBeside(rows.length, history);
    await verify(rows.length, last);
  }
  console.log(`verified in each round: ${rows.length} rows, and the checkpoint on the last event`);
  report(rates);

  /** A replay until readers see it; the one before is dropped, untimed runs don't count either. */
  async function rebuild() {
    const report = await replay({
      ...{ projection, dataSource, events: stand.events, swap: true, swapWithinMs: 10_000 },
      ...{ signal: new globalThis.AbortController().signal, onProgress: () => undefined },
    });
    return report.events;
  }

  /** In the rate's unit: as if it had made its rows of all the events. */
  async function copy(all) {
    const table = new RowTable(copied, projection.shape);
    await dataSource.query(createTable(table.name, projection.shape));
    const runner = dataSource.createQueryRunner();
    await table.copy(runner, all);
    await runner.release();
    return written;
  }

  function drain() {
    const subscription = official.subscribeToAll({
      fromPosition: START,
      filter: streamNameFilter({ prefixes: ['channel-', 'disconnection-'] }),
    });
    return new Promise((resolve, reject) => {
      let count = 0;
      subscription.on('error', reject);
      subscription.on('data', () => {
        if (++count === written) subscription.unsubscribe().then(() => resolve(count), reject);
      });
    });
  }
} finally {
  await official.dispose();
  await dataSource.destroy();
  await stand.close();
}

/** Each event its own transaction, with its checkpoint, into a generation that begins empty. */
async function oneByOne(history) {
  await dataSource.query(createTable(single.table, projection.shape));
  await dataSource.query(
    `INSERT INTO runtime.generations (projection, generation, version, state) VALUES ($1, $2, 1, 'standby')`,
    [projection.name, single.of.generation],
  );
  const handler = new GenerationHandler(projection, single.of);
  let before = null;
  for (const recorded of history) {
    const { id, position, recordedAt } = recorded;
    const next = { position, event: { id, position, recordedAt } };
    await dataSource.transaction(async (manager) => {
      await handler.apply(manager, [recorded]);
      await checkpoints.save(manager, generationName(single.of), before, next);
    });
    before = next;
  }
  return history.length;
}

/** The same of (a) and (c), and takes away what they made. */
async function verifyBeside(expected, history) {
  const connects = history.filter(({ event }) => event.type === 'ChannelConnected').length;
  const name = generationName(single.of);
  const at = await checkpoints.load(name);
  if (at?.event?.id !== history.at(-1).id) throw new Error(`(c) ended on ${at?.event?.id}`);
  for (const [table, count] of [
    [copied, expected],
    [single.table, connects],
  ]) {
    const [{ rows }] = await dataSource.query(`SELECT count(*)::int AS rows FROM ${table}`);
    if (rows !== count) throw new Error(`${rows} rows of ${count} in ${table}`);
    await dataSource.query(`DROP TABLE ${table}`);
  }
  const { generation } = single.of;
  await dataSource.query(`DELETE FROM runtime.generations WHERE generation = $1`, [generation]);
  await dataSource.query(`DELETE FROM runtime.checkpoints WHERE name = $1`, [name]);
}

async function firstEvents(count) {
  const { signal } = new globalThis.AbortController();
  const found = [];
  const options = { after: null, maxBatch: 1_000, silenceMs: 10_000, signal };
  for await (const { events } of readEvents(stand.events, options)) {
    found.push(...events);
    if (found.length >= count) break;
  }
  return found.slice(0, count);
}

async function everyRow() {
  const keys = await dataSource.query('SELECT id FROM read_model.channels');
  const live = (await listGenerations(dataSource, 'channels')).find(
    ({ state }) => state === 'live',
  );
  const table = new RowTable(`read_model.channels_g${live.generation}`, projection.shape);
  const rows = await table.load(
    dataSource,
    keys.map(({ id }) => id),
  );
  return [...rows.values()];
}

/** Also drops what isn't live any more, so that each round begins alike. */
async function verify(expected, last) {
  const generations = await listGenerations(dataSource, 'channels');
  for (const generation of generations.filter(({ state }) => state === 'standby')) {
    await dropGeneration(dataSource, generation);
  }
  const [{ rows }] = await dataSource.query(
    'SELECT count(*)::int AS rows FROM read_model.channels',
  );
  const live = generations.find(({ state }) => state === 'live');
  const at = await checkpoints.load(generationName(live));
  if (rows !== expected || at?.event?.id !== last.id) {
    throw new Error(`${rows} rows of ${expected}, and the checkpoint on ${at?.event?.id}`);
  }
}

function report(rates) {
  const names = {
    rebuild: 'rebuild',
    copy: '(a) COPY of its rows',
    drain: '(b) official client',
    single: '(c) transaction each',
  };
  console.log();
  for (const [name, words] of Object.entries(names)) {
    console.log(`${words.padEnd(21)} ${inWords(summary(rates[name]))} events per second`);
  }
  const median = (name) => summary(rates[name]).median;
  const ratio = (name) => median('rebuild') / median(name);
  console.log(`rebuild / (a)  ${ratio('copy').toFixed(2)}    reported`);
  console.log(`rebuild / (b)  ${ratio('drain').toFixed(2)}    target >= ${target.drain}`);
  console.log(`rebuild / (c)  ${ratio('single').toFixed(1)}    target >= ${target.single}`);
  const met = ratio('drain') >= target.drain && ratio('single') >= target.single;
  console.log(met ? '\nwithin the target' : '\nMISSES THE TARGET');
}
