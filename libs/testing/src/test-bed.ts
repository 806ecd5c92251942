import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { DataSource } from 'typeorm';
import type { Role, Settings } from '@app/config';
import { loadSettings } from '@app/config';
import { topics } from '@app/contracts';
import type { RunningEngine } from '@app/embedded';
import { startEventStore } from '@app/embedded';
import { EventStore } from '@app/event-store';
import { createTopics } from '@app/kafka';
import { dataSourceOptions } from '@app/persistence';
import { createReceiptKeys } from '@app/receipts';
import { Keyring } from '@app/token-vault';
import { freePort } from './free-port';
import { assertMessagesHeld } from './messages-held';
import type { RoleProcess } from './role-process';
import { startRoleProcess } from './role-process';
import { strictness } from './strictness';

/**
 * The engines of one spec file, and everything that it may make in them: a database of its own, an
 * event store of its own, names of its own in the shared Kafka. All of it is gone afterwards.
 *
 *     const bed = useTestBed();
 *     beforeAll(async () => { dataSource = await bed.dataSource(); });
 *
 * @param options.steady why this file's event store has to be well-behaved; a strict one, which does
 *   what the real server hardly ever does, is the rule
 * @param options.patient whether its processes wait for a store for as long as a busy machine may take,
 *   with a crowd of callers, instead of answering 503, and whether their terms outlast its pauses; for every
 *   file but those about an engine that is away, and a leader that is killed
 */
export function useTestBed(options: BedOptions = {}): TestBed {
  // A test that breaks things on purpose logs a lot; TEST_LOG=1 shows it.
  if (!process.env.TEST_LOG) Logger.overrideLogger(false);
  const bed = new TestBed(options);
  afterAll(() => bed.close());
  return bed;
}

/** Milliseconds that an engine of a busy machine may take to answer. */
const patienceMs = 20_000;

export interface BedOptions {
  readonly steady?: string;
  readonly patient?: boolean;
}

/**
 * Longer than a busy machine stands still. A term that lapses has its batch done again: a message is sent twice,
 * a span comes twice; and a leader that waits for a lock that a test holds gives up after two terms.
 */
const patience = {
  STORE_TIMEOUT_MS: String(patienceMs),
  LEADERSHIP_TERM_MS: '6000',
  START_TIMEOUT_MS: '9000',
} as const;

export class TestBed {
  /** Of each event store that is started for this bed. */
  readonly strictness: ReturnType<typeof strictness>;
  /** Removed at the end. */
  readonly folder = mkdtempSync(join(tmpdir(), 'test-bed-'));
  /** Before the name of each topic and group of this file. */
  readonly kafkaNamePrefix = `t${randomBytes(6).toString('hex')}.`;
  /** What has to be closed, the last opened first; what is in one step at the same time. */
  private readonly closing: (() => Promise<unknown>)[][] = [];
  private latestRoles: (() => Promise<unknown>)[] | undefined;
  private database: Promise<string> | undefined;
  private engine: Promise<RunningEngine> | undefined;
  private receiptKeys: Promise<string> | undefined;
  private holdsMessages = false;
  private readonly patience: Readonly<Record<string, string>>;

  /** @param options as of `useTestBed` */
  constructor({ steady, patient = false }: BedOptions = {}) {
    this.patience = patient ? patience : {};
    this.strictness = steady === undefined ? strictness() : undefined;
  }

  get kafkaBrokers(): string {
    return engineUrl('TEST_KAFKA_BROKERS');
  }

  /** The file's own database, migrated and empty; the same one each time. */
  databaseUrl(): Promise<string> {
    return (this.database ??= this.createDatabase());
  }

  /** One more database, migrated and empty, dropped at the end. */
  async createDatabase(): Promise<string> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await onServer(`CREATE DATABASE ${name} TEMPLATE template_migrated STRATEGY file_copy`);
    this.atEnd(() => onServer(`DROP DATABASE ${name} WITH (FORCE)`));
    const url = new URL(engineUrl('TEST_POSTGRES_URL'));
    url.pathname = `/${name}`;
    return url.href;
  }

  /** Connected to the file's own database, and closed at the end. */
  async dataSource(
    entities: DataSourceOptions['entities'] = [],
    { size = 10 }: { readonly size?: number } = {},
  ): Promise<DataSource> {
    const url = await this.databaseUrl();
    const dataSource = new DataSource(
      dataSourceOptions(url, { size, timeoutMs: patienceMs }, entities),
    );
    await dataSource.initialize();
    this.atEnd(() => dataSource.destroy());
    return dataSource;
  }

  /** The file's own event store, a process and a folder of its own; the same one each time. */
  eventStoreEngine(): Promise<RunningEngine> {
    return (this.engine ??= this.startEventStore());
  }

  /** A client of the file's own event store, closed at the end. */
  async eventStore({ timeoutMs = patienceMs } = {}): Promise<EventStore> {
    const { url } = await this.eventStoreEngine();
    const store = new EventStore(url, timeoutMs);
    this.atEnd(() => store.close());
    return store;
  }

  /** The environment of a process on these engines, with free ports and short waits. */
  async environment(overrides: Readonly<Record<string, string>> = {}): Promise<NodeJS.ProcessEnv> {
    return {
      DATABASE_URL: await this.databaseUrl(),
      KAFKA_BROKERS: this.kafkaBrokers,
      KAFKA_NAME_PREFIX: this.kafkaNamePrefix,
      KAFKA_PARTITIONS: '3',
      EVENTSTORE_URL: (await this.eventStoreEngine()).url,
      VAULT_KEY_FILE: this.vaultKeyFile(),
      RECEIPT_KEY_FILE: await this.receiptKeyFile(),
      API_PORT: String(await freePort()),
      INTERNAL_PORT: String(await freePort()),
      METRICS_CACHE_MS: '100',
      PROJECTOR_PORT: String(await freePort()),
      RELAY_PORT: String(await freePort()),
      SUBSCRIBERS_PORT: String(await freePort()),
      RETRY_CAP_MS: '200',
      LEADERSHIP_TERM_MS: '1500',
      SHUTDOWN_DRAIN_MS: '0',
      // A test asks faster than people do; what tests the limits sets them.
      RATE_LIMIT_SHORT_REQUESTS: '1000000',
      RATE_LIMIT_LONG_REQUESTS: '1000000',
      LOG_LEVEL: 'info',
      ...this.patience,
      ...overrides,
    };
  }

  /** The settings of a role on these engines. */
  async settings(role: Role, overrides?: Readonly<Record<string, string>>): Promise<Settings> {
    return loadSettings(role, await this.environment(overrides));
  }

  /**
   * The topics of this file, made. At the end, after all who were started later and may send, every
   * message on them is held against the contract; one that breaks it fails the file.
   */
  async createTopics(): Promise<void> {
    const settings = await this.settings('ops setup');
    await createTopics(settings, topics, patienceMs);
    this.holdMessages(settings);
  }

  /** See `createTopics`. */
  protected holdMessages(settings: Settings): void {
    if (this.holdsMessages) return;
    this.holdsMessages = true;
    this.atEnd(() => assertMessagesHeld(settings));
  }

  /**
   * A role as a process of its own, stopped at the end at the latest; at the same time as those
   * that were started right before and after it, since each waits for what it has under way. One that
   * has ended before without being asked to fails the file.
   */
  async startRole(role: RoleProcess['role'], env: NodeJS.ProcessEnv): Promise<RoleProcess> {
    // Of its own also for a second instance with the same environment.
    const metricsPort = { [`${role.toUpperCase()}_METRICS_PORT`]: String(await freePort()) };
    const started = await startRoleProcess(role, { ...metricsPort, ...env }, this.folder);
    if (!this.latestRoles || this.closing.at(-1) !== this.latestRoles) {
      this.closing.push((this.latestRoles = []));
    }
    this.latestRoles.push(async () => {
      started.assertNotLost();
      await started.stop();
    });
    return started;
  }

  /** A key file with fresh keys; the same one each time. */
  vaultKeyFile(): string {
    const path = join(this.folder, 'vault-keys.json');
    if (!existsSync(path)) Keyring.create(path);
    return path;
  }

  /** A key file for receipts; the same one each time. */
  private receiptKeyFile(): Promise<string> {
    const path = join(this.folder, 'receipt-keys.json');
    return (this.receiptKeys ??= createReceiptKeys(path).then(() => path));
  }

  /** Has something closed at the end, before what was opened earlier. */
  atEnd(close: () => Promise<unknown>): void {
    this.closing.push([close]);
  }

  /** Closes everything also when some of it fails, and says what failed first. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.closing.reverse()) {
      const failed = (error: unknown) => failures.push(error);
      await Promise.all(step.map((close) => close().catch(failed)));
    }
    rmSync(this.folder, { recursive: true, force: true });
    if (failures.length > 0) throw failures[0];
  }

  private async startEventStore(): Promise<RunningEngine> {
    const dataDir = join(this.folder, 'event-store');
    const engine = await startEventStore({ dataDir, fsync: false, strict: this.strictness });
    this.atEnd(() => engine.stop());
    return engine;
  }
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: engineUrl('TEST_POSTGRES_URL') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function engineUrl(variable: 'TEST_POSTGRES_URL' | 'TEST_KAFKA_BROKERS'): string {
  const url = process.env[variable];
  if (!url) throw new Error('No engine runs for a unit test: such a spec stands under test/');
  return url;
}
