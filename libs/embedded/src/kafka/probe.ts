import { Kafka, logLevel } from 'kafkajs';

/**
 * Asks a broker for its cluster, as any client would.
 *
 * @throws Error while it refuses the connection or isn't yet a member of its own cluster
 */
export async function probeBroker(url: string): Promise<void> {
  const admin = new Kafka({
    clientId: 'readiness',
    brokers: [url],
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) throw new Error('the broker is not yet a member of its cluster');
  } finally {
    await admin.disconnect();
  }
}
