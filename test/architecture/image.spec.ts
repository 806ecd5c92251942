import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Copy, Instruction } from 'dockerfile-ast';
import { DockerfileParser } from 'dockerfile-ast';
import { declaredSettings, serviceRoles, Settings } from '@app/config';
import { HealthModule } from '@app/role';
import { composeFile, dockerFolder, mountsOf, root } from './compose';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  engines: { node: string };
  scripts: Record<string, string>;
};
const instructions = DockerfileParser.parse(
  readFileSync(join(dockerFolder, 'Dockerfile'), 'utf8'),
).getInstructions();

/** Those of a kind; in the last stage alone, or in all. */
function those(keyword: string, stage: 'last' | 'any' = 'any'): Instruction[] {
  const from = stage === 'last' ? instructions.findLastIndex(isStage) : 0;
  return instructions.slice(from).filter((instruction) => instruction.getKeyword() === keyword);
}

function isStage(instruction: Instruction): boolean {
  return instruction.getKeyword() === 'FROM';
}

/** What an instruction is given, its flags aside. */
function wordsOf(instruction: Instruction): string[] {
  return instruction.getRawArgumentsContent()!.split(/\s+/);
}

/** What is copied, with the stage that it comes from; null for this repository. */
function copies(): { readonly from: string | null; readonly paths: readonly string[] }[] {
  return those('COPY').map((instruction) => ({
    from: (instruction as Copy).getFromFlag()?.getValue() ?? null,
    paths: wordsOf(instruction).slice(0, -1),
  }));
}

/** The commands of a stage. */
function runsOf(stage: string): string[] {
  const start = instructions.findIndex(
    (one) => isStage(one) && one.getRawArgumentsContent()!.endsWith(` AS ${stage}`),
  );
  const rest = instructions.slice(start + 1);
  return rest
    .slice(0, rest.findIndex(isStage))
    .filter((one) => one.getKeyword() === 'RUN')
    .map((one) => one.getRawArgumentsContent()!);
}

describe('docker/Dockerfile', () => {
  it('stands on one release of Node, pinned, which package.json allows and is 24', () => {
    const [image, ...others] = new Set(those('FROM').map((from) => wordsOf(from)[0]));
    expect(others).toEqual([]);
    const [, major] = /^node:(\d+)\.\d+\.\d+-bookworm-slim$/.exec(image!)!;
    const [, least] = /^>=(\d+)/.exec(manifest.engines.node)!;
    expect(Number(major)).toBe(24);
    expect(Number(major)).toBeGreaterThanOrEqual(Number(least));
  });

  it('copies what is there, and what its .dockerignore lets through', () => {
    const allowed = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []);
    const copied = copies().flatMap(({ from, paths }) => (from === null ? paths : []));
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect([...new Set(copied)].sort()).toEqual([...allowed].sort());
  });

  it('takes from its earlier stages what they make', () => {
    const made: Record<string, RegExp> = {
      '/app/dist': /npm run build/,
      '/app/node_modules': /npm ci .*--omit=dev/,
    };
    const taken = copies().filter(({ from }) => from !== null);
    expect(taken.flatMap(({ paths }) => paths).sort()).toEqual(Object.keys(made).sort());
    for (const { from, paths } of taken) {
      expect(runsOf(from!).some((run) => made[paths[0]!]!.test(run))).toBe(true);
    }
    expect(manifest.scripts['build']).toContain('-d dist');
  });

  it('sets nothing but settings, and what Node itself reads', () => {
    const known = [
      ...declaredSettings().map(({ variable }) => variable),
      'NODE_ENV',
      'NODE_OPTIONS',
    ];
    const set = those('ENV').flatMap((env) => wordsOf(env).map((word) => word.split('=')[0]!));
    expect(known).toEqual(expect.arrayContaining(set));
    expect(set).toContain('HTTP_HOST');
  });

  it('exposes each port of the settings, and no other', () => {
    const defaults = new Settings() as unknown as Record<string, number>;
    const ports = declaredSettings()
      .filter(({ variable }) => variable.endsWith('_PORT'))
      .map(({ property }) => String(defaults[property]));
    expect(those('EXPOSE', 'last').flatMap(wordsOf).sort()).toEqual(ports.sort());
  });

  it('runs as nobody special, and makes the folders of keys for that user alone', () => {
    expect(those('USER', 'last').map(wordsOf)).toEqual([['1000:1000']]);
    const [folders] = those('RUN', 'last')
      .map(wordsOf)
      .filter(([command]) => command === 'install');
    const files = ['compose.yaml', 'compose.revocation.yaml'].map(composeFile);
    const mounted = files
      .flatMap(({ services }) => Object.values(services))
      .flatMap((service) => mountsOf(service).map(({ target }) => target))
      .filter((target) => target.startsWith('/keys/'));
    expect(folders!.join(' ')).toMatch(/^install -d -o node -g node -m 700 /);
    expect(folders!.slice(8).sort()).toEqual([...new Set(mounted)].sort());
  });

  it('starts what it copies, without a shell that would keep signals from it', () => {
    const [entryPoint] = those('ENTRYPOINT', 'last');
    expect(JSON.parse(entryPoint!.getRawArgumentsContent()!)).toEqual([
      '/bin/sh',
      '/app/run-role.sh',
    ]);
    expect(those('COPY', 'last').map(wordsOf)).toContainEqual([
      ...['package.json', 'docker/run-role.sh', 'docker/is-ready.mjs', './'],
    ]);
  });
});

describe('docker/run-role.sh', () => {
  // In the place of node: tells what it was called with, and as which process.
  const folder = mkdtempSync(join(tmpdir(), 'run-role-'));
  beforeAll(() => {
    writeFileSync(join(folder, 'node'), '#!/bin/sh\necho "$PPID node $*"\n');
    chmodSync(join(folder, 'node'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(...args: string[]): string {
    const script = join(dockerFolder, 'run-role.sh');
    const env = { PATH: `${folder}:${process.env.PATH}` };
    return execFileSync('/bin/sh', [script, ...args], { env, encoding: 'utf8', stdio: 'pipe' });
  }

  it.each([...serviceRoles.map((role) => [role, `start:${role}`]), ['ops', 'ops']])(
    'runs %s as package.json does, in its own process',
    (role, script) => {
      const [, parent, command] = /^(\d+) (.*)\n$/.exec(run(role, '--one', 'and two'))!;
      expect(manifest.scripts[script]).toBe(`exec ${command!.replace(' --one and two', '')}`);
      // Its parent is this process: the shell is gone.
      expect(Number(parent)).toBe(process.pid);
      expect(existsSync(join(root, `apps/${role}/src/main.ts`))).toBe(true);
    },
  );

  it.each([[[]], [['nonsense']], [['local']]])('refuses %j in one line', (args) => {
    expect(() => run(...args)).toThrow(
      expect.objectContaining({
        status: 2,
        stderr: `There is no role '${args[0] ?? ''}': give ${serviceRoles.join(', ')}, or ops and its command\n`,
      }) as Error,
    );
  });
});

describe('docker/is-ready.mjs', () => {
  const health = HealthModule.forRoot([], true).controllers![0]!;
  const ready = (health.prototype as { ready: object }).ready;
  const [base, own] = [health, ready].map((part) => String(Reflect.getMetadata('path', part)));
  const path = `/${base}/${own}`;

  it.each([
    [200, 0],
    [503, 1],
  ])('asks where a role tells whether it is ready: %i gives %i', async (status, code) => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === path ? status : 404).end('{"status":"so"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const script = join(dockerFolder, 'is-ready.mjs');
    const ended = await promisify(execFile)(process.execPath, [script, String(port)]).then(
      ({ stdout }) => ({ stdout, code: 0 }),
      (error: { stdout: string; code: number }) => error,
    );
    expect(ended).toMatchObject({ code, stdout: '{"status":"so"}\n' });
    server.close();
  });
});
