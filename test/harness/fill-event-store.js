const { Buffer } = require('node:buffer');
const { randomUUID } = require('node:crypto');
const built = '../../dist/libs/embedded/src/event-store/store';
const { openStore } = require(`${built}/store`);
const { Recorder } = require(`${built}/recorder`);

/**
 * `node fill-event-store.js <folder> <count>`: writes that many events, in streams of a hundred, as the
 * event store does it but without a client and without syncing: a million take half a minute.
 */
const [folder, count] = process.argv.slice(2);
const perStream = 100;
const perCommit = 2_000;
const created = Date.now();

function anEvent(recorder, n, position) {
  const data = Buffer.from(JSON.stringify({ n, padding: 'x'.repeat(n % 200) }));
  return recorder.record(
    {
      ...{ id: randomUUID(), type: 'Written', contentType: 'application/json' },
      ...{ data, customMetadata: Buffer.alloc(0) },
    },
    {
      ...{ stream: `stream-${Math.floor(n / perStream)}`, revision: n % perStream },
      position,
    },
  );
}

function fail(failure) {
  throw failure;
}

async function main() {
  const store = await openStore(folder, { fsync: false, onFailure: fail, onUndecided: fail });
  const { log } = store;
  for (let n = 0; n < Number(count);) {
    const events = [];
    const recorder = new Recorder(created);
    let position = log.nextPosition;
    for (; n < Number(count) && events.length < perCommit; n++) {
      const event = anEvent(recorder, n, position);
      position = event.next;
      events.push(event);
    }
    await log.commit(events);
  }
  await store.close();
}

void main();
