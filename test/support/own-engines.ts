import { join } from 'node:path';
import { loadSettings } from '@app/config';
import type { RunningEngine } from '@app/embedded';
import { clearEngineData, startEventStore, startKafka, startPostgres } from '@app/embedded';
import { settingUp } from '@app/operations';
import { freePort, TestBed } from '@app/testing';

const engineNames = ['postgres', 'kafka', 'event store'] as const;
export type EngineName = (typeof engineNames)[number];

/** A bed with engines of its own, that can be killed, and whose files can be read. */
export class OwnEngines extends TestBed {
  readonly engines = new Map<EngineName, RunningEngine>();
  readonly starts = {
    postgres: async (): Promise<RunningEngine> =>
      startPostgres({ dataDir: join(this.folder, 'postgres'), port: this.ports.postgres }),
    kafka: async (): Promise<RunningEngine> =>
      startKafka({ dataDir: join(this.folder, 'kafka'), port: this.ports.kafka }),
    'event store': async (): Promise<RunningEngine> =>
      startEventStore({
        dataDir: join(this.folder, 'event store'),
        port: this.ports['event store'],
        strict: this.strictness,
      }),
  };
  private readonly ports: Partial<Record<EngineName, number>> = {};

  /** Starts them, sets them up, and answers the environment of a role on them. */
  async startEngines(): Promise<NodeJS.ProcessEnv> {
    for (const name of engineNames) {
      this.ports[name] = await freePort();
      this.engines.set(name, await this.starts[name]());
      this.atEnd(async () => {
        await this.engines.get(name)!.stop();
        await clearEngineData(join(this.folder, name));
      });
    }
    const env = await this.environment();
    const settings = loadSettings('ops setup', env);
    await settingUp(settings).apply({ actor: 'tests', reason: 'engines of their own' });
    this.holdMessages(settings);
    return env;
  }

  override databaseUrl(): Promise<string> {
    return Promise.resolve(this.engines.get('postgres')!.url);
  }

  override get kafkaBrokers(): string {
    return this.engines.get('kafka')!.url;
  }

  override eventStoreEngine(): Promise<RunningEngine> {
    return Promise.resolve(this.engines.get('event store')!);
  }

  /** Kills an engine; it is back under the same address when this resolves. */
  async bounce(name: EngineName, meanwhile: () => Promise<void>): Promise<void> {
    const engine = this.engines.get(name)!;
    engine.kill();
    await engine.exited;
    await meanwhile();
    this.engines.set(name, await this.starts[name]());
  }
}
