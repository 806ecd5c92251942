import type { Settings } from '@app/config';
import { EventStore } from '@app/event-store';
import { topics } from '@app/contracts';
import { probeKafka } from '@app/kafka';
import { readableMessage } from '@app/observability';
import { NotMigrated, probePostgres } from '@app/persistence';
import type { Probe } from './health.module';

/** Whether the database of `DATABASE_URL` answers and is migrated. */
export function postgresProbe(settings: Settings): Probe {
  return {
    name: 'PostgreSQL',
    check: (timeoutMs) =>
      probePostgres(settings.databaseUrl, timeoutMs).catch(unusablePostgres(settings)),
  };
}

/** For a `catch`: the line that says which database it is, and what to do. */
export function unusablePostgres({ databaseUrl }: Settings): (error: unknown) => never {
  return explain(`PostgreSQL at ${withoutSecrets(databaseUrl)}`, 'DATABASE_URL');
}

/** Whether the store of `EVENTSTORE_URL` answers. */
export function eventStoreProbe({ eventstoreUrl }: Settings): Probe {
  return {
    name: 'EventStoreDB',
    check: async (timeoutMs) => {
      const store = new EventStore(eventstoreUrl, timeoutMs);
      try {
        await store.ping();
      } catch (error) {
        explain(`EventStoreDB at ${withoutSecrets(eventstoreUrl)}`, 'EVENTSTORE_URL')(error);
      } finally {
        await store.close();
      }
    },
  };
}

/** Whether the brokers of `KAFKA_BROKERS` answer and have our topics. */
export function kafkaProbe(settings: Settings): Probe {
  return {
    name: 'Kafka',
    check: (timeoutMs) => probeKafka(settings, topics, timeoutMs),
  };
}

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
