import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';

/**
 * Two appending clients in one process, of two servers. The first server is stopped with an append
 * under way, the second killed: the client of the first rejects too, and dies of the late answer.
 *
 * Usage: two-appenders.mjs <url> <pid> <url> <pid>
 */
const [firstUrl, firstPid, secondUrl, secondPid] = process.argv.slice(2);
const first = EventStoreDBClient.connectionString(firstUrl);
const second = EventStoreDBClient.connectionString(secondUrl);
const event = () => jsonEvent({ type: 'Counted', data: { n: 0 } });

await first.appendToStream('one', event());
await second.appendToStream('one', event());

process.kill(Number(firstPid), 'SIGSTOP');
const underWay = first.appendToStream('one', event()).then(
  () => 'answered',
  ({ code }) => `rejected with code ${code}`,
);
process.kill(Number(secondPid), 'SIGKILL');
console.log(await underWay);
process.kill(Number(firstPid), 'SIGCONT');
