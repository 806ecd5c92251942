import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_STREAM } from '@eventstore/db-client';
import { EngineStartError, startEventStore } from '@app/embedded';
import { collect, counted, numberOf, startServer, type ServerUnderTest } from './running-server';

describe('the process of the event store', () => {
  let server: ServerUnderTest;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.remove());

  const refusal = async (options: Parameters<typeof startEventStore>[0]): Promise<string> => {
    try {
      // One that starts after all must not outlive the test.
      await (await startEventStore(options)).stop();
    } catch (error) {
      if (error instanceof EngineStartError) return error.message;
      throw error;
    }
    throw new Error('It started');
  };

  it('says on start that it is no production database', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'event-store-'));
    const lines: string[] = [];
    const engine = await startEventStore({ dataDir, onLog: (line) => lines.push(line) });
    await engine.stop();
    rmSync(dataDir, { recursive: true });
    expect(lines).toEqual([
      `Embedded event store on 127.0.0.1:${engine.port}: ` +
        'a local default and test double, never a production database',
    ]);
  });

  it('describes itself', () => {
    const { name, url, port, pid } = server.engine;
    expect({ name, url }).toEqual({
      name: 'event store',
      url: `esdb://127.0.0.1:${port}?tls=false`,
    });
    expect(pid).not.toBe(process.pid);
  });

  it('keeps everything over a restart, and goes on counting', async () => {
    const first = await server.client.appendToStream('one', counted(5));
    await server.client.appendToStream('two', counted(3, 5));
    const before = await collect(server.client.readAll());
    await server.restart();
    expect(await collect(server.client.readAll())).toEqual(before);

    const next = await server.client.appendToStream('one', counted(1, 8), { expectedRevision: 4n });
    expect(next.nextExpectedRevision).toBe(5n);
    expect(next.position!.commit).toBeGreaterThan(before.at(-1)!.event!.position.commit);
    expect(next.position!.commit).toBeGreaterThan(first.position!.commit);
    expect((await collect(server.client.readStream('one'))).map(numberOf)).toEqual([
      ...[0, 1, 2, 3, 4],
      8,
    ]);
  });

  it('knows a repeated append after a restart by its revision', async () => {
    const events = counted(3);
    const first = await server.client.appendToStream('one', events, {
      expectedRevision: NO_STREAM,
    });
    await server.restart();
    const again = await server.client.appendToStream('one', events, {
      expectedRevision: NO_STREAM,
    });
    expect(again).toEqual(first);
  });

  it('is refused on a folder that is in use, which goes on working', async () => {
    expect(await refusal({ dataDir: server.folder })).toMatch(
      /is in use by another event store: stop it first$/,
    );
    await server.client.appendToStream('one', counted(1));
  });

  it('is refused a port that is taken', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'event-store-'));
    const { port } = server.engine;
    expect(await refusal({ dataDir, port })).toBe(
      `Port ${port} on 127.0.0.1 is taken: stop what holds it, or choose another port`,
    );
    rmSync(dataDir, { recursive: true });
  });

  it('is refused a port that is none', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'event-store-'));
    expect(await refusal({ dataDir, port: 65_536 })).toBe(
      'The event store can\'t start: --port is a number up to 65535, and 0 for a free one, not "65536"',
    );
    rmSync(dataDir, { recursive: true });
  });

  it('is refused a folder of a newer format, and leaves it alone', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'event-store-'));
    writeFileSync(join(dataDir, 'format.json'), '{"version": 99}');
    expect(await refusal({ dataDir })).toMatch(/written in format 99/);
    expect(existsSync(join(dataDir, 'events.mdb'))).toBe(false);
    rmSync(dataDir, { recursive: true });
  });

  it('is back on the same folder at once after it was killed', async () => {
    await server.client.appendToStream('one', counted(2));
    server.engine.kill();
    expect(await server.engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await server.restart();
    expect(await collect(server.client.readStream('one'))).toHaveLength(2);
  });
});
