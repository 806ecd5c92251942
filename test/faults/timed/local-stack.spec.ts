import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { serviceRoles } from '@app/config';
import { builtFile, clearEngineData } from '@app/embedded';
import { aChannelId, freePort, runOps, TestBed, waitFor } from '@app/testing';
import { bestOf } from '../../support/best-of';

/** Milliseconds in which Ctrl-C ends all of it, and in which a demo is through on the data of a former one. */
const [endLimitMs, demoLimitMs] = [10_000, 30_000];

/** The local stack as `npm start` runs it, in a folder of its own. */
class Stack {
  readonly lines: string[] = [];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private readonly child: ChildProcess;

  constructor(
    readonly folder: string,
    env: NodeJS.ProcessEnv,
    args: readonly string[],
  ) {
    this.child = spawn(process.execPath, [builtFile('apps/local/src/main'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: output }).on('line', (line) => this.lines.push(line));
    }
    this.exited = new Promise((resolve) =>
      this.child.once('close', (code, signal) => resolve({ code, signal })),
    );
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until a line comes that has this text. */
  async line(text: string, withinMs = 90_000): Promise<string> {
    return waitFor(() => this.lines.find((line) => line.includes(text)), {
      what: `the line "${text}" after:\n${this.lines.slice(-20).join('\n')}\n`,
      withinMs,
    });
  }
}

/**
 * Engines, guards and roles: whatever names the data folder in its command line or environment, or
 * the place outside of it where root's PostgreSQL has its files.
 */
function processesOf(dataDir: string): { pid: number; command: string }[] {
  const pointer = join(dataDir, 'postgres', 'outside');
  const folders = [dataDir];
  if (existsSync(pointer)) folders.push(readFileSync(pointer, 'utf8').trim());
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const ours = folders.some((path) => command.includes(path) || environment.includes(path));
        return ours ? [{ pid: Number(pid), command }] : [];
      } catch {
        // It ended while it was looked at.
        return [];
      }
    });
}

describe('The local stack', () => {
  const bed = new TestBed();
  const dataDir = join(bed.folder, 'data');
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    env = { DATA_DIR: dataDir };
    for (const role of serviceRoles) {
      env[`${role.toUpperCase()}_PORT`] = String(await freePort());
    }
  });
  // Also after a failure, so that one test doesn't stand in the way of the next.
  afterEach(async () => {
    for (const stack of started.splice(0)) stack.kill('SIGKILL');
    await noneLeft();
  });
  afterAll(async () => {
    await clearEngineData(join(dataDir, 'postgres'));
    await bed.close();
  });

  const started: Stack[] = [];
  const start = (...args: string[]): Stack => {
    const stack = new Stack(bed.folder, env, args);
    started.push(stack);
    return stack;
  };
  /** Beside it, and told nothing but where its data is. */
  const keysList = () => runOps(['keys', 'list'], { DATA_DIR: dataDir }, bed.folder);
  const noneLeft = (): Promise<true> =>
    waitFor(() => processesOf(dataDir).length === 0, {
      what: 'the end of every process',
      withinMs: 30_000,
    });

  it('tells people what it does, leaves no orphan when it is killed, and starts on the same data again', async () => {
    const stack = start('start');
    await stack.line('ready: http://');
    const running = processesOf(dataDir).map(({ command }) => command);
    for (const part of ['postgres', 'kafka.Kafka', 'event-store', ...serviceRoles]) {
      expect(running.some((command) => command.includes(part))).toBe(true);
    }
    for (const role of serviceRoles) {
      const name = role.padEnd(11);
      const ready = new RegExp(
        `^${name} \\[\\d\\d:\\d\\d:[\\d.]+\\] INFO: role ready  url=http://`,
      );
      // A role's line comes another way than its word that it is ready.
      await waitFor(() => stack.lines.some((line) => ready.test(line)), { what: `${role} ready` });
    }
    expect(stack.lines.filter((line) => line.includes('{') || line.includes('\u001b'))).toEqual([]);
    stack.kill('SIGKILL');
    await stack.exited;
    await noneLeft();
    expect(await keysList()).toMatchObject({ code: 2, stdout: '' });

    env['LOG_FORMAT'] = 'json';
    const again = start('start');
    delete env['LOG_FORMAT'];
    await again.line('ready: http://');
    await again.line('0 migrations run, 0 topics created');
    await waitFor(() => {
      const json = again.lines.filter((line) => line.startsWith('{'));
      const ready = json.map((line) => JSON.parse(line) as { msg: string; role: string });
      expect(ready.flatMap(({ msg, role }) => (msg === 'role ready' ? role : [])).sort()).toEqual(
        [...serviceRoles].sort(),
      );
      return true;
    });
    again.kill('SIGINT');
    expect(await again.exited).toEqual({ code: 0, signal: null });
    await noneLeft();
  });

  it('starts what dies again and says so, refuses a second start, and stops in order', async () => {
    const stack = start('start');
    await stack.line('ready: http://');
    const listed = await keysList();
    expect(listed).toMatchObject({ code: 0 });
    const nobody = aChannelId();
    const shown = await runOps(['channels', 'show', nobody], { DATA_DIR: dataDir }, bed.folder);
    expect([shown.code, shown.stderr.split('\n')[1]]).toEqual([
      3,
      `ops: There is no channel ${nobody}`,
    ]);
    expect(listed.stderr).toMatch(/^ops: using the local stack in \S+ \(process \d+\)\n$/);
    const kill = (part: string): void => {
      const found = processesOf(dataDir).find(({ command }) => command.includes(part));
      process.kill(found!.pid, 'SIGKILL');
    };
    kill('apps/relay/src/main.js');
    await stack.line('relay ended (SIGKILL): starting it again in 0.5 s');
    await stack.line('relay is back');
    kill('libs/embedded/src/event-store/main.js');
    await stack.line('event store ended (SIGKILL): starting it again in 0.5 s');
    await stack.line('event store is back');
    const ready = `http://127.0.0.1:${env['RELAY_PORT']}/health/ready`;
    await waitFor(async () => (await fetch(ready)).status === 200);

    const ports = readFileSync(join(dataDir, 'ports.json'), 'utf8');
    const second = start('start');
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.lines[second.lines.length - 1]).toMatch(/already runs on this data folder/);
    // Nor does it choose ports on which the first one's engines would come back.
    expect(readFileSync(join(dataDir, 'ports.json'), 'utf8')).toBe(ports);

    let running: Stack | undefined = stack;
    const took = await bestOf(endLimitMs, async () => {
      const ending = running ?? start('start');
      running = undefined;
      await ending.line('ready: http://');
      const asked = Date.now();
      ending.kill('SIGINT');
      expect(await ending.exited).toEqual({ code: 0, signal: null });
      const ended = Date.now() - asked;
      await noneLeft();
      return ended;
    });
    expect(took).toBeLessThan(endLimitMs);
    expect(await keysList()).toMatchObject({ code: 2, stdout: '' });
  });

  it('shows effects as pending and fails when the subscribers are left out', async () => {
    const stack = start('demo', '--exit', '--without', 'subscribers');
    expect(await stack.exited).toEqual({ code: 1, signal: null });
    const receipt = stack.lines.filter((line) => line.includes(' PENDING '));
    expect(receipt.map((line) => line.split(' ')[0])).toEqual([
      'token-wipe',
      'analytics-purge',
      'comments-purge',
      'schedule-cancel',
    ]);
  });

  it('shows a disconnect with every effect done, on the data of the runs before', async () => {
    let stack!: Stack;
    const took = await bestOf(demoLimitMs, async () => {
      const startedAt = Date.now();
      stack = start('demo', '--exit');
      expect(await stack.exited).toEqual({ code: 0, signal: null });
      return Date.now() - startedAt;
    });
    expect(took).toBeLessThan(demoLimitMs);
    expect(stack.lines.filter((line) => line.includes('connected in an earlier run'))).toHaveLength(
      2,
    );
    await stack.line('DisconnectionCompleted', 0);
    expect(stack.lines.filter((line) => / DONE {5}/.test(line))).toHaveLength(4);
    const log = readFileSync(join(dataDir, 'logs', 'subscribers.log'), 'utf8');
    expect(log).toMatch(/INFO: effect done {2}effect=token-wipe outcome=DONE .* channelId=soc_/);
    await noneLeft();
  });
});
