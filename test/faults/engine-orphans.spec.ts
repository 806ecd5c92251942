import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { clearEngineData, startKafka, startPostgres } from '@app/embedded';
import { type ProcessIdentity, identify, isAlive, untilGone } from '@app/processes';

/**
 * A parent of engines in a process of its own, which can be killed. It prints each line that
 * the engines say, and `ready` when they run.
 */
const PARENT = `
  const { startPostgres, startKafka } = require(process.argv[1]);
  const folder = process.argv[2];
  const start = { postgres: startPostgres, kafka: startKafka };
  const say = (onProgress) => console.log(onProgress);
  Promise.all(process.argv.slice(3).map((name) =>
    start[name]({ dataDir: folder + '/' + name, fsync: false, onProgress: say }),
  )).then(() => console.log('ready'));
`;

type EngineName = 'postgres' | 'kafka';

describe('an engine whose parent is killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-orphans-'));
  const dataDir = (name: EngineName) => join(folder, name);

  afterAll(async () => {
    await Promise.all(
      (['postgres', 'kafka'] as const).map((name) => clearEngineData(dataDir(name))),
    );
    rmSync(folder, { recursive: true });
  });

  /** Resolves when the parent has said a line that holds `word`. */
  async function parentOf(names: EngineName[], word = 'ready'): Promise<ChildProcess> {
    const program = resolve('dist/libs/embedded/src/index.js');
    const parent = spawn(process.execPath, ['-e', PARENT, program, folder, ...names], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: parent.stdout })) {
      if (line.includes(word)) return parent;
    }
    throw new Error(`The parent ended before it said ${word}`);
  }

  async function killed(parent: ChildProcess): Promise<void> {
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  }

  function processesOf(name: EngineName): { guard: ProcessIdentity; engine: ProcessIdentity } {
    const run = join(dataDir(name), 'run');
    const [record] = readdirSync(run);
    return JSON.parse(readFileSync(join(run, record!), 'utf8')) as ReturnType<typeof processesOf>;
  }

  it('ends with its guard, and leaves no record', async () => {
    const parent = await parentOf(['postgres', 'kafka']);
    const [postgres, kafka] = [processesOf('postgres'), processesOf('kafka')];
    const all = [postgres.engine, postgres.guard, kafka.engine, kafka.guard];
    expect(all.every(isAlive)).toBe(true);

    await killed(parent);
    await Promise.all(all.map(untilGone));
    for (const name of ['postgres', 'kafka'] as const) {
      expect(readdirSync(join(dataDir(name), 'run'))).toEqual([]);
    }
  });

  it('is ended by the next start when its guard was killed as well', async () => {
    const parent = await parentOf(['postgres', 'kafka']);
    const left = { postgres: processesOf('postgres'), kafka: processesOf('kafka') };
    const guards = [left.postgres.guard, left.kafka.guard];
    // Frozen first, or they would end their engines before they are killed.
    for (const { pid } of guards) process.kill(pid, 'SIGSTOP');
    await killed(parent);
    for (const { pid } of guards) process.kill(pid, 'SIGKILL');
    await Promise.all(guards.map(untilGone));
    expect(isAlive(left.postgres.engine)).toBe(true);
    expect(isAlive(left.kafka.engine)).toBe(true);

    const said: string[] = [];
    const onProgress = (line: string) => said.push(line);
    const engines = await Promise.all([
      startPostgres({ dataDir: dataDir('postgres'), fsync: false, onProgress }),
      startKafka({ dataDir: dataDir('kafka'), onProgress }),
    ]);
    await Promise.all(engines.map((engine) => engine.stop()));
    expect(isAlive(left.postgres.engine)).toBe(false);
    expect(isAlive(left.kafka.engine)).toBe(false);
    for (const name of ['postgres', 'kafka'] as const) {
      const { pid } = left[name].engine;
      expect(said).toContain(`An earlier run left over ${name} (process ${pid}): ending it`);
    }
  });

  it('is ended at once when its guard alone is killed, and said to have ended', async () => {
    const postgres = await startPostgres({ dataDir: dataDir('postgres'), fsync: false });
    const engine = identify(postgres.pid)!;
    process.kill(processesOf('postgres').guard.pid, 'SIGKILL');
    expect(await postgres.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await untilGone(engine);
  });

  it('starts again on a folder where making the cluster was cut short', async () => {
    await clearEngineData(dataDir('postgres'));
    await killed(await parentOf(['postgres'], 'initdb'));
    const postgres = await startPostgres({ dataDir: dataDir('postgres'), fsync: false });
    await postgres.stop();
    expect(await postgres.exited).toEqual({ code: 0, signal: null });
  });

  it('starts again on a folder where formatting the storage was cut short', async () => {
    await clearEngineData(dataDir('kafka'));
    await killed(await parentOf(['kafka'], 'Formatting'));
    const kafka = await startKafka({ dataDir: dataDir('kafka') });
    await kafka.stop();
    expect(readdirSync(dataDir('kafka')).filter((name) => name.includes('partial'))).toEqual([]);
  });
});
