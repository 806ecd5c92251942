import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  jsonEvent,
  type JSONEventData,
  type JSONEventType,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { startEventStore, type EventStoreOptions, type RunningEngine } from '@app/embedded';

/** A really forked server on a folder of its own, and a client of it. */
export interface ServerUnderTest {
  readonly folder: string;
  readonly engine: RunningEngine;
  readonly client: EventStoreDBClient;
  /** Stops the server and starts another on the same folder. */
  restart(): Promise<void>;
  /** Stops the server and removes the folder. */
  remove(): Promise<void>;
}

export async function startServer(
  options: Omit<EventStoreOptions, 'dataDir'> = {},
): Promise<ServerUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'event-store-'));
  let engine = await startEventStore({ ...options, dataDir: folder });
  let client = EventStoreDBClient.connectionString(engine.url);
  const leave = async (): Promise<void> => {
    await client.dispose();
    await engine.stop();
  };
  return {
    folder,
    get engine() {
      return engine;
    },
    get client() {
      return client;
    },
    restart: async () => {
      await leave();
      engine = await startEventStore({ ...options, dataDir: folder });
      client = EventStoreDBClient.connectionString(engine.url);
    },
    remove: async () => {
      await leave();
      rmSync(folder, { recursive: true });
    },
  };
}

type Counted = JSONEventType<'Counted', { n: number }>;

/** Events of type `Counted`, which carry the numbers from `first` on. */
export function counted(count: number, first = 0): JSONEventData<Counted>[] {
  return Array.from({ length: count }, (_, index) =>
    jsonEvent<Counted>({ type: 'Counted', data: { n: first + index } }),
  );
}

/** The number that an event of {@link counted} carries. */
export function numberOf({ event }: ResolvedEvent): number {
  const data: unknown = event?.data;
  if (typeof data === 'object' && data !== null && 'n' in data) return Number(data.n);
  throw new Error(`Not a counted event: ${JSON.stringify(data)}`);
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
