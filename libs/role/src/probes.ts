import type { Settings } from '@app/config';
import { LastingConnection } from '@app/config';
import { EventStore } from '@app/event-store';
import { topics } from '@app/contracts';
import { KafkaProbe } from '@app/kafka';
import { readableMessage } from '@app/observability';
import { NotMigrated, PostgresProbe } from '@app/persistence';

/** Something that a process can't do without, as it is asked for from time to time. */
export interface Probe {
  /** As people call it: `PostgreSQL`. */
  readonly name: string;
  /** Resolves when it answers in time; rejects with one readable line when it doesn't. */
  check(timeoutMs: number): Promise<void>;
  /** Lets go of the connection that it keeps. */
  close(): void;
}

/**
 * For whoever asks once: a connection that was kept would keep the process as well.
 *
 * @throws what the probe says
 */
export async function askOnce(probe: Probe, timeoutMs: number): Promise<void> {
  try {
    await probe.check(timeoutMs);
  } finally {
    probe.close();
  }
}

/** Whether the database of `DATABASE_URL` answers and is migrated. */
export function postgresProbe(settings: Settings): Probe {
  const probe = new PostgresProbe(settings.databaseUrl);
  return {
    name: 'PostgreSQL',
    check: (timeoutMs) => probe.check(timeoutMs).catch(unusablePostgres(settings)),
    close: () => probe.close(),
  };
}

/** For a `catch`: the line that says which database it is, and what to do. */
export function unusablePostgres({ databaseUrl }: Settings): (error: unknown) => never {
  return explain(`PostgreSQL at ${withoutSecrets(databaseUrl)}`, 'DATABASE_URL');
}

/** Whether the store of `EVENTSTORE_URL` answers. */
export function eventStoreProbe({ eventstoreUrl }: Settings): Probe {
  const connection = new LastingConnection({
    make: () => new EventStore(eventstoreUrl, longestProbeMs),
    // Its client connects with the first call.
    open: (store) => store.ping(),
    drop: (store) => void store.close().catch(() => undefined),
  });
  const away = explain(`EventStoreDB at ${withoutSecrets(eventstoreUrl)}`, 'EVENTSTORE_URL');
  return {
    name: 'EventStoreDB',
    check: (timeoutMs) => connection.ask(timeoutMs, (store) => store.ping()).catch(away),
    close: () => connection.close(),
  };
}

/** Whether the brokers of `KAFKA_BROKERS` answer and have our topics. */
export function kafkaProbe(settings: Settings): Probe {
  const probe = new KafkaProbe(settings, topics);
  return {
    name: 'Kafka',
    check: (timeoutMs) => probe.check(timeoutMs),
    close: () => probe.close(),
  };
}

/** Milliseconds that a probe may take at a start, which waits the longest. */
const longestProbeMs = 10_000;

function explain(what: string, variable: string): (error: unknown) => never {
  return (error) => {
    // It answers, and its line says what to do.
    if (error instanceof NotMigrated) throw error;
    throw new Error(
      `${what} can't be used: ${readableMessage(error)}. Start it, or set ${variable}`,
      { cause: error },
    );
  };
}

/** A connection string with its user and password left out. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
