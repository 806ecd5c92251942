import { ANY, binaryEvent } from '@eventstore/db-client';
import { collect, counted, numberOf, startServer, type ServerUnderTest } from './running-server';

/** What the README names as the longest, in bytes. */
const LONGEST = 1_964;

let server: ServerUnderTest;
beforeEach(async () => {
  server = await startServer({ fsync: false });
});
afterEach(() => server.remove());

async function numbersIn(stream: string): Promise<number[]> {
  return (await collect(server.client.readStream(stream))).map(numberOf);
}

/** A store that met an error takes nothing more; one that was torn by it doesn't start again. */
async function expectToGoOn(): Promise<void> {
  await server.client.appendToStream('another', counted(1), { expectedRevision: ANY });
  await server.restart();
  await server.client.appendToStream('another', counted(1), { expectedRevision: ANY });
}

it('a stream with the longest name has metadata, is deleted, begins anew and is tombstoned', async () => {
  const stream = 'x'.repeat(LONGEST);
  const { client } = server;
  await client.appendToStream(stream, counted(2));
  await client.setStreamMetadata(stream, { maxCount: 1 });
  expect(await numbersIn(stream)).toEqual([1]);
  await client.deleteStream(stream);
  await client.deleteStream(`$$${stream}`);
  await client.appendToStream(stream, counted(1, 2));
  expect(await numbersIn(stream)).toEqual([2]);
  await client.tombstoneStream(stream);
  await expectToGoOn();
});

it.each([
  ['one byte longer', 'x'.repeat(LONGEST + 1)],
  ["a metastream's, one byte longer", `$$${'x'.repeat(LONGEST + 1)}`],
  ['a metastream of no stream', '$$'],
])('a name that is %s is refused, for every call, and the store goes on', async (_name, stream) => {
  const { client } = server;
  const refused = /name/;
  await expect(client.appendToStream(stream, counted(1))).rejects.toThrow(refused);
  await expect(client.deleteStream(stream)).rejects.toThrow(refused);
  await expect(client.tombstoneStream(stream)).rejects.toThrow(refused);
  await expect(collect(client.readStream(stream))).rejects.toThrow(refused);
  await expectToGoOn();
});

it('a link to a name that no stream can have leads nowhere, and holds up nobody', async () => {
  const { client } = server;
  const names = ['x'.repeat(2_000), 'x'.repeat(100_000), '$$'];
  const links = names.map((name) => binaryEvent({ type: '$>', data: Buffer.from(`0@${name}`) }));
  await client.appendToStream('links', links);
  const read = await collect(client.readStream('links', { resolveLinkTos: true }));
  expect(read.map(({ event, link }) => [event, link?.revision])).toEqual([
    [undefined, 0n],
    [undefined, 1n],
    [undefined, 2n],
  ]);
});
