import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client';
import { builtFile, startEventStore, type RunningEngine } from '@app/embedded';
import { Countdown, SeenEvents, Subscriber, Writer } from '../support/across-kills';

const WRITERS = 8;
const ROUNDS = 20;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/**
 * The kill comes with an acknowledgement, when the next commit begins, and in every other round
 * with an append that is sent, when one may be under way. Which one differs from round to round.
 */
async function killWhileWriting(
  engine: RunningEngine,
  client: EventStoreDBClient,
  writers: readonly Writer[],
  round: number,
): Promise<void> {
  const passing = new Countdown(2 + ((round * 5) % 13), () => engine.kill());
  const count = (): void => passing.count();
  const listener = round % 2 === 0 ? { onAcknowledged: count } : { onSent: count };
  await Promise.all(writers.map((writer) => writer.write(client, listener, engine.exited)));
}

/** What had an answer is there; what had none is there as a whole or not at all. */
function expectWhole(stored: SeenEvents, writers: readonly Writer[]): void {
  for (const { stream, acknowledged, unanswered } of writers) {
    const ids = stored.of(stream);
    const unacknowledged = ids.slice(acknowledged.length);
    expect(ids.slice(0, acknowledged.length)).toEqual(acknowledged);
    if (unacknowledged.length > 0) expect(unacknowledged).toEqual(unanswered);
  }
}

async function lastPosition(client: EventStoreDBClient): Promise<bigint> {
  const backwards = { direction: BACKWARDS, fromPosition: END, maxCount: 1 } as const;
  for await (const { commitPosition } of client.readAll(backwards)) return commitPosition!;
  return -1n;
}

describe('an event store that is killed under eight writers', () => {
  it(`loses nothing acknowledged and tears no append, ${ROUNDS} times, for a subscriber too that goes on`, async () => {
    const writers = Array.from(
      { length: WRITERS },
      (_, n) => new Writer(`writer-${n}`, n % 4 === 0),
    );
    const subscriber = new Subscriber();
    for (let round = 0; round < ROUNDS; round += 1) {
      const engine = await startEventStore({ dataDir: folder });
      const client = EventStoreDBClient.connectionString(engine.url);
      const following = subscriber.follow(client, engine.exited);
      await Promise.race([subscriber.until(await lastPosition(client)), following]);
      expectWhole(subscriber.seen, writers);
      await killWhileWriting(engine, client, writers, round);
      // The client is left alone: to dispose of it waits for calls that its server never ended.
      await Promise.all([engine.exited, following]);
    }
    const engine = await startEventStore({ dataDir: folder });
    const client = EventStoreDBClient.connectionString(engine.url);
    const stored = new SeenEvents();
    for await (const event of client.readAll()) stored.take(event);
    expectWhole(stored, writers);
    const following = subscriber.follow(client, engine.exited);
    await subscriber.until(stored.last!.commit);
    expect(subscriber.seen).toEqual(stored);

    await Promise.all([engine.stop(), following]);
    await client.dispose();
  });
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
  });

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
