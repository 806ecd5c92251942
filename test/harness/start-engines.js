const { existsSync, mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { Client } = require('pg');
const { folderPrefix, removeAbandoned } = require('./engine-folders');
const stopEngines = require('./stop-engines');

const dist = join(__dirname, '../../dist/libs');

/**
 * Starts one PostgreSQL and one Kafka for all files of a run, and migrates the database that each
 * file's own is cloned from. libs/testing reads what is told to the workers here. The engines'
 * guards end them when this process is killed.
 */
module.exports = async function startEngines() {
  if (!existsSync(dist)) throw new Error('Run `npm run build` first: the engines start from dist');
  const { startKafka, startPostgres } = require(`${dist}/embedded/src`);
  await removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  globalThis.testEngines = { folder, running: [] };
  const started = async (engine) => globalThis.testEngines.running.push(await engine);
  try {
    const postgres = startPostgres({ dataDir: join(folder, 'postgres'), fsync: false });
    const kafka = startKafka({ dataDir: join(folder, 'kafka') });
    await settled([started(postgres), started(kafka)]);
    await makeTemplate((await postgres).url);
    process.env.TEST_POSTGRES_URL = (await postgres).url;
    process.env.TEST_KAFKA_BROKERS = (await kafka).url;
    process.env.TEST_CODE_CACHE = join(folder, 'code');
  } catch (error) {
    await stopEngines();
    throw error;
  }
};

/** Waits for all also when one fails: what started meanwhile must be stopped. */
async function settled(promises) {
  const failed = (await Promise.allSettled(promises)).find(({ reason }) => reason);
  if (failed) throw failed.reason;
}

/** Makes the migrated database that every file clones. */
async function makeTemplate(serverUrl) {
  const { migrate } = require(`${dist}/persistence/src`);
  const { installWorkerSchema } = require(`${dist}/jobs/src`);
  const { createTestWorkspaces } = require(`${dist}/testing/src/test-workspaces`);
  const url = new URL(serverUrl);
  url.pathname = '/template_migrated';

  await query(serverUrl, 'CREATE DATABASE template_migrated');
  await migrate(url.href);
  await installWorkerSchema(url.href);
  await query(url.href, createTestWorkspaces);
  // A clone needs a template that nobody is connected to.
  await query(serverUrl, 'ALTER DATABASE template_migrated ALLOW_CONNECTIONS false');
}

async function query(connectionString, sql) {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
