import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '@app/config';
import { loadSettings } from '@app/config';
import type { RunningEngine } from '@app/embedded';
import { clearEngineData, startKafka } from '@app/embedded';
import type { ReceivedMessage } from '@app/kafka';
import {
  connectionOf,
  createTopics,
  KafkaClient,
  MessagePublisher,
  probeKafka,
  runConsumer,
} from '@app/kafka';
import { freePort, useTestBed, waitFor } from '@app/testing';

const password = 'canary-of-a-password';
const topic = 'a-topic';

/** A broker of its own, which vouches for itself and wants a login. */
describe('a Kafka behind TLS and a login', () => {
  const bed = useTestBed();
  const folder = mkdtempSync(join(tmpdir(), 'secured-kafka-'));
  const store = join(folder, 'broker.p12');
  const dataDir = join(folder, 'kafka');
  let kafka: RunningEngine;
  let settings: Settings;

  const keytool = (...args: string[]): Buffer =>
    execFileSync('keytool', [...args, '-keystore', store, '-storepass', 'changeit'], {
      stdio: 'pipe',
    });

  beforeAll(async () => {
    keytool(
      ...['-genkeypair', '-alias', 'broker', '-keyalg', 'EC', '-validity', '2'],
      ...['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost', '-storetype', 'PKCS12'],
    );
    keytool('-exportcert', '-rfc', '-alias', 'broker', '-file', join(folder, 'ca.pem'));
    const port = await freePort();
    const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule';
    kafka = await startKafka({
      dataDir,
      secured: {
        port,
        properties: {
          'ssl.keystore.type': 'PKCS12',
          'ssl.keystore.location': store,
          'ssl.keystore.password': 'changeit',
          'sasl.enabled.mechanisms': 'PLAIN',
          'plain.sasl.jaas.config': `${plain} required user_channels="${password}";`,
        },
      },
    });
    const env = {
      ...(await bed.environment()),
      KAFKA_BROKERS: `localhost:${port}`,
      KAFKA_TLS: 'on',
      KAFKA_CA_FILE: join(folder, 'ca.pem'),
      KAFKA_SASL: 'plain',
      KAFKA_USERNAME: 'channels',
      KAFKA_PASSWORD: password,
    };
    settings = loadSettings('ops setup', env);
  }, 120_000);

  afterAll(async () => {
    await kafka.stop();
    await clearEngineData(dataDir);
    rmSync(folder, { recursive: true });
  });

  it('is set up, sent to and consumed from', async () => {
    await createTopics(settings, [topic], 20_000);
    await probeKafka(settings, [topic], 5_000);
    const client = new KafkaClient(settings);
    const publisher = new MessagePublisher(client);
    await publisher.publish([{ topic, key: 'k', headers: {}, value: 'sent' }]);
    await publisher.close();

    const received: ReceivedMessage[] = [];
    const ending = new AbortController();
    const consuming = runConsumer(client, {
      groupId: 'a-group',
      topics: [topic],
      fromBeginning: true,
      handle: async (message) => void received.push(message),
      signal: ending.signal,
      onFatal: (error) => {
        throw error;
      },
    });
    await waitFor(() => received.length > 0, { what: 'the message' });
    ending.abort();
    await consuming;
    expect(received[0]!.value?.toString()).toBe('sent');
  });

  it.each([
    ['the wrong password', { kafkaPassword: 'another' }],
    ['no login', { kafkaSasl: undefined }],
    ['no TLS', { kafkaTls: 'off' as const }],
    ['a certificate that nobody vouches for', { kafkaCaFile: undefined }],
  ])('is refused in one line with %s', async (_, changes) => {
    const probe = probeKafka({ ...settings, ...changes }, [topic], 5_000);
    const { message } = await probe.then(
      () => new Error('it was taken'),
      (error: Error) => error,
    );
    expect(message).toMatch(
      /^Kafka at localhost:\d+ can't be used \(.*\): check KAFKA_BROKERS, KAFKA_TLS and KAFKA_SASL$/,
    );
    expect(message).not.toContain('another');
  });

  it('needs a file that can be read', () => {
    expect(() => connectionOf({ ...settings, kafkaCaFile: '/nowhere.pem' })).toThrow(
      "KAFKA_CA_FILE can't be read: ENOENT: no such file or directory, open '/nowhere.pem'",
    );
  });

  it.each(['scram-sha-256', 'scram-sha-512'] as const)('can be logged in to by %s', (kafkaSasl) => {
    const { sasl } = connectionOf({ ...settings, kafkaSasl });
    expect(sasl).toEqual({ mechanism: kafkaSasl, username: 'channels', password });
  });
});
