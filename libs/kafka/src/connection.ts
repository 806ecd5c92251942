import { readFileSync } from 'node:fs';
import type { Settings } from '@app/config';
import type { KafkaConfig } from 'kafkajs';

/** How the cluster is reached, and as whom. */
export type ConnectionSettings = Pick<
  Settings,
  'kafkaBrokers' | 'kafkaTls' | 'kafkaCaFile' | 'kafkaSasl' | 'kafkaUsername' | 'kafkaPassword'
>;

type Connection = Pick<KafkaConfig, 'clientId' | 'brokers' | 'ssl' | 'sasl'>;

/**
 * What every client of ours connects with.
 *
 * @throws Error with one readable line when KAFKA_CA_FILE can't be read
 */
export function connectionOf(settings: ConnectionSettings): Connection {
  return {
    clientId: 'postbreeze-channels',
    brokers: brokersOf(settings),
    ssl: tlsOf(settings),
    sasl: loginOf(settings),
  };
}

function brokersOf({ kafkaBrokers }: ConnectionSettings): string[] {
  return kafkaBrokers
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
}

function tlsOf({ kafkaTls, kafkaCaFile }: ConnectionSettings): Connection['ssl'] {
  if (kafkaTls === 'off') return false;
  if (kafkaCaFile === undefined) return true;
  try {
    return { ca: readFileSync(kafkaCaFile, 'utf8') };
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`KAFKA_CA_FILE can't be read: ${message}`, { cause: error });
  }
}

function loginOf(settings: ConnectionSettings): Connection['sasl'] {
  const { kafkaSasl, kafkaUsername: username, kafkaPassword: password } = settings;
  switch (kafkaSasl) {
    case undefined:
      return undefined;
    case 'plain':
      return { mechanism: 'plain', username, password };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username, password };
  }
}
