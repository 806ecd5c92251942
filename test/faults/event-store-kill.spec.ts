import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  type AppendExpectedRevision,
  type EventData,
} from '@eventstore/db-client';
import { builtFile, startEventStore, type RunningEngine } from '@app/embedded';

const WRITERS = 8;
const ROUNDS = 6;
/** The kill comes after this many acknowledged appends, while the others are on their way. */
const ACKNOWLEDGED_PER_ROUND = 60;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A stream, what its writer was told is in it, and the append it has no answer to. */
class Writer {
  readonly acknowledged: string[] = [];
  unanswered: EventData[] = [];

  constructor(readonly stream: string) {}

  /**
   * Appends until the server dies. First it repeats what it had no answer to: with the same
   * ids and the same expectation it must succeed, whether it had been written or not.
   */
  async write(client: EventStoreDBClient, onAcknowledged: () => void): Promise<void> {
    for (;;) {
      if (this.unanswered.length === 0) this.unanswered = this.nextBatch();
      try {
        await client.appendToStream(this.stream, this.unanswered, {
          expectedRevision: this.expected(),
        });
      } catch (error) {
        if (isLostConnection(error)) return;
        throw error;
      }
      this.acknowledged.push(...this.unanswered.map(({ id }) => id));
      this.unanswered = [];
      onAcknowledged();
    }
  }

  /** 1 to 50 events, of sizes that differ. */
  private nextBatch(): EventData[] {
    const size = 1 + ((this.acknowledged.length * 7 + 3) % 50);
    return Array.from({ length: size }, (_, n) =>
      jsonEvent({ type: 'Written', data: { padding: 'x'.repeat((n * 97) % 500) } }),
    );
  }

  private expected(): AppendExpectedRevision {
    return this.acknowledged.length === 0 ? NO_STREAM : BigInt(this.acknowledged.length - 1);
  }
}

function isLostConnection(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 14 /* UNAVAILABLE */ || code === 1; /* CANCELLED */
}

async function killWhileWriting(engine: RunningEngine, writers: Writer[]): Promise<void> {
  const client = EventStoreDBClient.connectionString(engine.url);
  let acknowledged = 0;
  const kill = (): void => {
    acknowledged += 1;
    if (acknowledged === ACKNOWLEDGED_PER_ROUND) engine.kill();
  };
  await Promise.all(writers.map((writer) => writer.write(client, kill)));
  await engine.exited;
  await client.dispose();
}

/** The ids in the store, stream by stream, in order. */
async function readEverything(engine: RunningEngine): Promise<Map<string, string[]>> {
  const client = EventStoreDBClient.connectionString(engine.url);
  const streams = new Map<string, string[]>();
  let last = -1n;
  for await (const { event, commitPosition } of client.readAll()) {
    const ids = streams.get(event!.streamId) ?? [];
    if (event!.revision !== BigInt(ids.length) || commitPosition! <= last) {
      throw new Error(`${event!.streamId}@${event!.revision} at ${commitPosition}, after ${last}`);
    }
    last = commitPosition!;
    ids.push(event!.id);
    streams.set(event!.streamId, ids);
  }
  await client.dispose();
  return streams;
}

describe('an event store that is killed under eight writers', () => {
  it(`loses nothing acknowledged and tears no append, ${ROUNDS} times`, async () => {
    const writers = Array.from({ length: WRITERS }, (_, n) => new Writer(`writer-${n}`));
    let engine = await startEventStore({ dataDir: folder });
    for (let round = 0; round < ROUNDS; round += 1) {
      await killWhileWriting(engine, writers);
      engine = await startEventStore({ dataDir: folder });
      const stored = await readEverything(engine);
      for (const { stream, acknowledged, unanswered } of writers) {
        const ids = stored.get(stream) ?? [];
        const unacknowledged = ids.slice(acknowledged.length);
        expect(ids.slice(0, acknowledged.length)).toEqual(acknowledged);
        // What had no answer is there as a whole or not at all.
        if (unacknowledged.length > 0) {
          expect(unacknowledged).toEqual(unanswered.map(({ id }) => id));
        }
      }
    }
    await engine.stop();
  }, 60_000);
});

describe('an event store whose parent is killed', () => {
  it('ends too, and leaves the folder to the next', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--eval',
        `require(process.argv[1]).startEventStore({ dataDir: process.argv[2] })
           .then(({ port }) => console.log(port))`,
        builtFile('libs/embedded/src/event-store/launch'),
        folder,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const connection = connect(Number(line), '127.0.0.1');
    await once(connection, 'connect');
    const connectionLost = once(connection, 'close');

    parent.kill('SIGKILL');
    await once(parent, 'exit');
    connection.resume();
    await connectionLost;
    // Its lock is the last thing that it lets go.
    const next = await startWhenFree();
    await next.stop();
  }, 30_000);

  /** The connection ends a moment before the lock does. */
  async function startWhenFree(): Promise<RunningEngine> {
    for (;;) {
      try {
        return await startEventStore({ dataDir: folder });
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes('is in use')) throw error;
      }
    }
  }
});
