import { once } from 'node:events';
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client';

/**
 * A subscriber whose `checkpointReached` throws, beside one whose doesn't, which shows what there was
 * to get. Prints what the first one noticed.
 *
 * Usage: throwing-checkpoint.mjs <url> <prefix of its streams>
 */
const [url, prefix] = process.argv.slice(2);
const client = EventStoreDBClient.connectionString(url);
const noticed = { events: 0, errors: 0, rejections: [] };
process.on('unhandledRejection', ({ message }) => noticed.rejections.push(message));

const filter = (checkpointReached) =>
  streamNameFilter({ prefixes: [prefix], maxSearchWindow: 1, checkpointReached });
const event = () => jsonEvent({ type: 'Counted', data: { n: 0 } });
const { position } = await client.appendToStream(`${prefix}-start`, event());
for (let n = 0; n < 5; n += 1) await client.appendToStream(`${prefix}-1`, event());

client
  .subscribeToAll({
    fromPosition: position,
    filter: filter(async () => {
      throw new Error('It threw');
    }),
  })
  .on('data', () => (noticed.events += 1))
  .on('error', () => (noticed.errors += 1));

const other = client.subscribeToAll({ fromPosition: position, filter: filter(async () => {}) });
let events = 0;
other.on('data', () => (events += 1));
await once(other, 'caughtUp');
console.log(JSON.stringify({ ...noticed, there: events }));
process.exit(0);
