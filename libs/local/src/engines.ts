import { join } from 'node:path';
import type { Settings } from '@app/config';
import { keptPort, startEventStore, startKafka, startPostgres } from '@app/embedded';
import type { Say } from './child';
import { KeptRunning } from './kept-running';

/** How the engines are reached. */
export interface EngineUrls {
  readonly databaseUrl: string;
  readonly kafkaBrokers: string;
  readonly eventstoreUrl: string;
}

/** The engines of a local stack: its own, or those that the settings name. */
export interface Engines {
  readonly urls: EngineUrls;
  /** Stops those that were started here, all at once. */
  stop(): Promise<void>;
}

/**
 * Starts every engine that no setting names, side by side; one that dies later comes back on the
 * same port.
 *
 * @throws EngineStartError, after the others were stopped again
 */
export async function startEngines(settings: Settings, say: Say): Promise<Engines> {
  const { dataDir } = settings;
  let port: number | undefined;
  const starts = {
    databaseUrl: () => startPostgres({ dataDir: join(dataDir, 'postgres'), onProgress: say }),
    kafkaBrokers: () => startKafka({ dataDir: join(dataDir, 'kafka'), onProgress: say }),
    eventstoreUrl: async () => {
      // Once for the life of the stack: the roles know it by this port.
      port ??= await keptPort(join(dataDir, 'ports.json'), 'event store', say);
      return startEventStore({ dataDir: join(dataDir, 'event-store'), port, onLog: say });
    },
  };

  const started: KeptRunning[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((engine) => engine.stop()));
  };
  const urlOf = async (name: keyof EngineUrls): Promise<string> => {
    if (settings[name]) return settings[name];
    let url = '';
    const engine = await KeptRunning.start(
      labels[name],
      async () => {
        const running = await starts[name]();
        ({ url } = running);
        return running;
      },
      say,
    );
    started.push(engine);
    return url;
  };

  const names = ['databaseUrl', 'kafkaBrokers', 'eventstoreUrl'] as const;
  const results = await Promise.allSettled(names.map(urlOf));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [databaseUrl, kafkaBrokers, eventstoreUrl] = results.map(
    (result) => (result as PromiseFulfilledResult<string>).value,
  );
  return {
    urls: {
      databaseUrl: databaseUrl!,
      kafkaBrokers: kafkaBrokers!,
      eventstoreUrl: eventstoreUrl!,
    },
    stop,
  };
}

const labels: Readonly<Record<keyof EngineUrls, string>> = {
  databaseUrl: 'PostgreSQL',
  kafkaBrokers: 'Kafka',
  eventstoreUrl: 'event store',
};
