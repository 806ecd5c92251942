import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { builtFile } from '@app/embedded';

export interface Inspected {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly complaint: string;
}

export type Line = Readonly<Record<string, unknown>>;

function spawnInspector(args: readonly string[]): ChildProcess {
  const main = builtFile('libs/embedded/src/event-store/inspect/main');
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs the command as a process of its own until it ends. */
export async function inspect(...args: readonly string[]): Promise<Inspected> {
  const child = spawnInspector(args);
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout!.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr!.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const [stdout, stderr] = [chunks.stdout, chunks.stderr].map((all) =>
    Buffer.concat(all).toString('utf8'),
  );
  const lines = stdout!.split('\n').slice(0, -1);
  return { code, lines, complaint: stderr!.trimEnd() };
}

/** The objects that it prints for programs. @throws Error when it fails */
export async function inspectJson(...args: readonly string[]): Promise<Line[]> {
  const { code, lines, complaint } = await inspect(...args, '--json');
  if (code !== 0) throw new Error(complaint);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** One that goes on until it is told to end. */
export interface Following {
  /** The next lines that it prints, as objects. */
  take(count: number): Promise<Line[]>;
  /** As Ctrl-C does. @returns how it ended */
  interrupt(): Promise<Inspected>;
  /** Closes its output, as `head` does once it has enough. */
  stopListening(): void;
  readonly ended: Promise<Inspected>;
}

export function startFollowing(...args: readonly string[]): Following {
  const child = spawnInspector([...args, '--follow', '--json']);
  const lines: AsyncIterator<string> = createInterface({ input: child.stdout! })[
    Symbol.asyncIterator
  ]();
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
  const ended = once(child, 'close').then(() => ({
    ...{ code: child.exitCode, lines: [], complaint: complaint.trimEnd() },
  }));
  return {
    ended,
    take: async (count) => {
      const taken: Line[] = [];
      while (taken.length < count) {
        const next = await lines.next();
        if (next.done) throw new Error(`It ended: ${complaint}`);
        taken.push(JSON.parse(next.value) as Line);
      }
      return taken;
    },
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
    stopListening: () => void child.stdout!.destroy(),
  };
}
