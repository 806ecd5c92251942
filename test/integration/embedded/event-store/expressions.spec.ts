import { once } from 'node:events';
import { eventTypeFilter, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { collect, startServer, type ServerUnderTest } from './running-server';

let server: ServerUnderTest;
beforeAll(async () => {
  server = await startServer({ fsync: false });
});
afterAll(() => server.remove());

// Each tries every way to divide what it repeats: twice as long for each letter more.
it.each([
  ['of a type', eventTypeFilter({ regex: '^(?=(a+)+!)' })],
  ['of a stream', streamNameFilter({ regex: '^(a+)+\\1!' })],
])(
  'an expression that takes for ever ends its own subscription alone: %s',
  async (_name, filter) => {
    const { client } = server;
    const name = 'a'.repeat(50);
    await client.appendToStream(name, jsonEvent({ type: name, data: {} }));
    const subscription = client.subscribeToAll({ filter });
    const [error] = (await once(subscription, 'error')) as [Error];
    expect(error.message).toMatch(/expression .* takes too long/);
    await client.appendToStream('another', jsonEvent({ type: 'Written', data: {} }));
    expect((await collect(client.readStream('another'))).length).toBeGreaterThan(0);
  },
);
