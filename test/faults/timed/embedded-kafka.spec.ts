import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EngineStartError,
  type RunningEngine,
  clearEngineData,
  resolveKafkaJars,
  startKafka,
} from '@app/embedded';
import { Kafka, logLevel } from 'kafkajs';
import { bestOf } from '../../support/best-of';

/** After it was killed. */
const backWithinMs = 5_000;

const folder = mkdtempSync(join(tmpdir(), 'embedded-kafka-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the embedded Kafka', () => {
  const dataDir = join(folder, 'kafka');
  const said: string[] = [];
  let kafka: RunningEngine;

  const start = () => startKafka({ dataDir, onProgress: (line) => said.push(line) });
  const client = () =>
    new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING, retry: { retries: 10 } });

  async function send(value: string): Promise<void> {
    const producer = client().producer();
    await producer.connect();
    await producer.send({ topic: 'notes', messages: [{ value }] });
    await producer.disconnect();
  }

  /** Reads from the beginning until it has as many messages. */
  async function receive(count: number): Promise<string[]> {
    const consumer = client().consumer({ groupId: `reader-${count}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic: 'notes', fromBeginning: true });
    const values: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const eachMessage = ({ message }: { message: { value: Buffer | null } }) => {
        values.push(String(message.value));
        if (values.length === count) resolve();
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    return values;
  }

  beforeAll(async () => {
    kafka = await start();
    const admin = client().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'notes', numPartitions: 1 }] });
    await admin.disconnect();
  });
  afterAll(async () => {
    await kafka.stop();
    await clearEngineData(dataDir);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('takes messages and hands them over', async () => {
    await send('first');
    expect(await receive(1)).toEqual(['first']);
  });

  it('refuses a second start on its folder, and does not hurt the first', async () => {
    await expect(start()).rejects.toThrow(EngineStartError);
    await expect(start()).rejects.toThrow(
      `The embedded kafka already runs on this data folder (process ${kafka.pid}`,
    );
    await send('second');
  });

  it('is back within 5 s after kill -9, with its messages and its port', async () => {
    const { url } = kafka;
    const took = await bestOf(backWithinMs, async () => {
      kafka.kill();
      expect(await kafka.exited).toEqual({ code: null, signal: 'SIGKILL' });
      const killed = performance.now();
      kafka = await start();
      return performance.now() - killed;
    });
    expect(took).toBeLessThan(backWithinMs);
    expect(kafka.url).toBe(url);
    expect(await receive(2)).toEqual(['first', 'second']);
  });

  it('moves away from a port that somebody has taken, says so, and has its messages', async () => {
    await kafka.stop();
    const { port } = kafka;
    const stranger = createServer().listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      await expect(startKafka({ dataDir, port })).rejects.toThrow(
        `Port ${port} for the embedded kafka is taken`,
      );
      kafka = await start();
    } finally {
      await once(stranger.close(), 'close');
    }
    expect(said).toContain(
      `Port ${port} of kafka is taken by another process: now using ${kafka.port}`,
    );
    await send('third');
    expect(await receive(3)).toEqual(['first', 'second', 'third']);
  });
});

describe('without what the embedded Kafka needs', () => {
  const dataDir = join(folder, 'unused');
  const cacheDir = join(folder, 'cache');
  const bin = join(folder, 'bin');

  beforeAll(() => mkdirSync(bin));

  /** Puts a shell script in a PATH of its own. */
  function fake(program: 'java' | 'mvn', script: string): NodeJS.ProcessEnv {
    writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, program), 0o755);
    return { PATH: bin };
  }

  it('says in one line that Java is missing, too old or not working', async () => {
    const startWith = (env: NodeJS.ProcessEnv) => startKafka({ dataDir, cacheDir, env });
    await expect(startWith({ PATH: '' })).rejects.toThrow(
      /^The embedded Kafka found no Java: install a Java runtime 17 or newer .*$/,
    );
    await expect(startWith(fake('java', `echo 'version "11.0.2"' >&2`))).rejects.toThrow(
      /can't run on Java 11 .*: install a Java runtime 17/,
    );
    await expect(startWith(fake('java', 'exit 1'))).rejects.toThrow(/found no working Java in/);
  });

  it('says in one line that Maven is missing or what it failed at, and caches nothing', async () => {
    const resolveWith = (env: NodeJS.ProcessEnv) => resolveKafkaJars(undefined, { cacheDir, env });
    await expect(resolveWith({ PATH: '' })).rejects.toThrow(
      /there is no mvn in PATH: install Maven .*$/,
    );
    const failing = fake('mvn', `echo '[ERROR] Unknown host.'; echo '[ERROR] Help'; exit 1`);
    await expect(resolveWith(failing)).rejects.toThrow(
      /^Maven could not fetch Apache Kafka: Unknown host\. Check its settings/,
    );
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  it('fetches once, in progress lines, for two who want the jars at once', async () => {
    const env = fake(
      'mvn',
      `for argument in "$@"; do
         case $argument in -DoutputDirectory=*) : > "\${argument#*=}/kafka.jar" ;; esac
       done
       for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
         echo "[INFO] Downloaded from somewhere: $n.jar (1 kB)"
       done`,
    );
    const said: string[] = [];
    const resolve = () => resolveKafkaJars((line) => said.push(line), { cacheDir, env });
    const [one, two] = await Promise.all([resolve(), resolve()]);
    expect(one).toBe(two);
    expect(readdirSync(one)).toEqual(['kafka.jar']);
    expect(readdirSync(cacheDir)).toHaveLength(1);
    expect(said).toContain('Fetching Apache Kafka: 20 files so far');

    // From now on nobody needs Maven.
    expect(await resolveKafkaJars(undefined, { cacheDir, env: { PATH: '' } })).toBe(one);
  });
});
