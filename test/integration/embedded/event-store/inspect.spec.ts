import { existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaryEvent, jsonEvent } from '@eventstore/db-client';
import { inspect, inspectJson, startFollowing, type Following } from './running-inspector';
import { counted, startServer, type ServerUnderTest } from './running-server';

/** Payloads of both sorts and streams of all states, as the official client makes them. */
async function fill({ client }: ServerUnderTest): Promise<void> {
  await client.appendToStream('counts', counted(5));
  await client.appendToStream('channel-1', [
    jsonEvent({ type: 'ChannelConnected', data: { handle: '@ana' }, metadata: { actor: 'ana' } }),
    binaryEvent({ type: 'Picture', data: Buffer.alloc(300, 7) }),
  ]);
  for (const name of ['deleted', 'tombstoned']) await client.appendToStream(name, counted(2));
  await client.deleteStream('deleted');
  await client.tombstoneStream('tombstoned');
}

describe('an event store that is looked into', () => {
  let server: ServerUnderTest;
  let where: readonly [string, string];
  beforeEach(async () => {
    server = await startServer();
    where = ['--data-dir', server.folder];
  });
  afterEach(() => server.remove());

  it('goes on being written to, and is followed without a gap', async () => {
    await server.client.appendToStream('before', counted(3));
    const following: Following = startFollowing('tail', '--count', '1', ...where);
    expect(await following.take(1)).toMatchObject([{ stream: 'before', revision: 2 }]);

    // More than the file was made for: the reader must learn of each growth.
    const [batches, size] = [20, 100];
    const padding = 'x'.repeat(5_000);
    const append = (batch: number) =>
      server.client.appendToStream(
        `batch-${batch}`,
        Array.from({ length: size }, () => jsonEvent({ type: 'Written', data: { padding } })),
      );
    for (let batch = 0; batch < batches; batch += 1) await append(batch);

    const seen = await following.take(batches * size);
    expect(seen.map(({ stream, revision }) => `${stream as string}@${revision as number}`)).toEqual(
      Array.from({ length: batches * size }, (_, n) => `batch-${Math.floor(n / size)}@${n % size}`),
    );
    await append(batches);
    expect(await following.take(1)).toMatchObject([{ stream: `batch-${batches}`, revision: 0 }]);
    expect(await following.interrupt()).toMatchObject({ code: 0, complaint: '' });
  });

  it('shows the same once it is stopped, and the next start finds it as it was', async () => {
    await fill(server);
    const look = async () => ({
      streams: await inspectJson('streams', ...where),
      channel: await inspectJson('stream', 'channel-1', ...where),
    });
    const bytes = () => readFileSync(join(server.folder, 'events.mdb'));
    const running = await look();
    await server.engine.stop();
    const before = bytes();
    expect(await look()).toEqual(running);
    expect(bytes().equals(before)).toBe(true);
    expect(running).toMatchObject({
      streams: [
        { stream: '$$deleted', events: 1, lastType: '$metadata', state: 'exists' },
        { stream: 'channel-1', events: 2, lastType: 'Picture', state: 'exists' },
        { stream: 'counts', events: 5, lastType: 'Counted', state: 'exists' },
        { stream: 'deleted', events: 2, lastType: 'Counted', state: 'deleted' },
        { stream: 'tombstoned', events: 3, lastType: '$streamDeleted', state: 'tombstoned' },
      ],
      channel: [
        { type: 'ChannelConnected', data: { handle: '@ana' }, metadata: { actor: 'ana' } },
        { type: 'Picture', dataBase64: Buffer.alloc(300, 7).toString('base64') },
      ],
    });
    await server.restart();
    await server.client.appendToStream('counts', counted(1), { expectedRevision: 4n });
  });

  it('shows all that was acknowledged when it was killed', async () => {
    let acknowledged = 0;
    for (; acknowledged < 20; acknowledged += 1) {
      await server.client.appendToStream('counts', counted(1, acknowledged));
    }
    server.engine.kill();
    await server.engine.exited;
    const events = await inspectJson('stream', 'counts', ...where);
    expect(events.map(({ data }) => data)).toEqual(
      Array.from({ length: acknowledged }, (_, n) => ({ n })),
    );
  });

  it('has a reader that ends when nobody listens any more', async () => {
    const following = startFollowing('tail', ...where);
    following.stopListening();
    const keepWriting = async (): Promise<void> => {
      for (;;) await server.client.appendToStream('counts', counted(1));
    };
    const ended = await Promise.race([following.ended, keepWriting()]);
    expect(ended).toMatchObject({ code: 0, complaint: '' });
  });

  it('may be damaged, which is one line', async () => {
    await server.client.appendToStream('counts', counted(1));
    await server.engine.stop();
    truncateSync(join(server.folder, 'events.mdb'), 5_000);
    const { code, lines, complaint } = await inspect('streams', ...where);
    expect([code, lines]).toEqual([1, []]);
    expect(complaint).toMatch(/^event-store: .* is damaged .*: restore the folder .*$/);
  });

  it('may be emptied under its reader, who says so', async () => {
    await server.client.appendToStream('counts', counted(1));
    const following = startFollowing('tail', ...where);
    await following.take(1);
    await server.engine.stop();
    rmSync(join(server.folder, 'events.mdb'));
    expect(await following.ended).toMatchObject({
      code: 1,
      complaint: `event-store: ${server.folder} was emptied meanwhile: look again`,
    });
  });
});

describe('the command', () => {
  it('says in one line what it does not understand', async () => {
    expect(await inspect('remove')).toEqual({
      ...{ code: 2, lines: [] },
      complaint: 'event-store: There is no command remove; see --help',
    });
  });

  it('says in one line that there is no store, and makes none', async () => {
    const missing = join(tmpdir(), 'event-store-that-is-missing');
    expect(await inspect('streams', '--data-dir', missing)).toEqual({
      ...{ code: 1, lines: [] },
      complaint:
        `event-store: There is no event store in ${missing}: ` +
        'start one there, or choose another data folder',
    });
    expect(existsSync(missing)).toBe(false);
  });
});
