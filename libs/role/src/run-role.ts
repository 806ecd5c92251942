import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import type { ServiceRole, Settings } from '@app/config';
import { armByMessage, loadSettings } from '@app/config';
import { linesOf, quietAboutWiring, readableMessage, startTracing } from '@app/observability';
import type { RoleContent } from './create-role';
import { createRole } from './create-role';
import { endRole } from './end-role';
import type { Probe } from './probes';

const say = linesOf('process');

/** What makes a process the role that it is. */
export interface RoleDefinition extends RoleContent {
  readonly role: ServiceRole;
  /** Where it listens; a role without an API of its own still shows its health there. */
  readonly port: (settings: Settings) => number;
  /** The engines without which the role must not start. */
  readonly probes: (settings: Settings) => readonly Probe[];
}

/**
 * Runs one role until SIGTERM, SIGINT, or the end of the parent that started it over IPC; see `endRole`.
 * What prevents the start is one readable line on stderr and exit code 1, within seconds.
 */
export async function runRole(definition: RoleDefinition): Promise<void> {
  try {
    await start(definition);
  } catch (error) {
    console.error(`${definition.role} can't start: ${readableMessage(error)}`);
    process.exit(1);
  }
}

async function start(definition: RoleDefinition): Promise<void> {
  const settings = loadSettings(definition.role);
  const probes = definition.probes(settings);
  await Promise.all(probes.map((probe) => probe.check(settings.startTimeoutMs)));

  const port = definition.port(settings);
  assertMetricsApart(definition, settings);
  await assertPortFree(port, portVariable(definition.role), settings.httpHost);
  await assertMetricsPortFree(definition, settings);
  await startTracing(settings);
  const app = await createRole(definition, settings, probes);
  app.useLogger(quietAboutWiring(app.get(Logger)));
  endWith(app, definition.answersRequests ? settings.shutdownDrainMs : 0);
  await app.listen(port, settings.httpHost);

  say('role ready', { url: `http://${settings.httpHost}:${port}` });
  armByMessage();
  process.send?.({ ready: true });
}

/** @param drainMs how long it goes on answering when it is asked to end; nobody at a terminal waits for that */
function endWith(app: NestFastifyApplication, drainMs: number): void {
  let ending = false;
  const end = (reason: string, afterMs: number): void => {
    if (ending) return;
    ending = true;
    say('role stopping', { reason });
    void endRole(app, afterMs);
  };
  process.on('SIGTERM', () => end('SIGTERM', drainMs));
  process.on('SIGINT', () => end('SIGINT', 0));
  // Only with a parent that supervises: when it dies, nobody is left to stop this process.
  process.on('disconnect', () => end('its parent is gone', 0));

  const crash = (error: unknown): void => {
    say('unexpected end', { err: error });
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

function portVariable(role: ServiceRole, kind: '' | 'METRICS_' = ''): string {
  return `${role.toUpperCase()}_${kind}PORT`;
}

function assertMetricsApart({ role, metrics, port }: RoleDefinition, settings: Settings): void {
  if (typeof metrics !== 'function' || metrics(settings) !== port(settings)) return;
  throw new Error(
    `${portVariable(role, 'METRICS_')} is ${portVariable(role)} as well: set one of them to another ` +
      'port, for callers must not reach metrics',
  );
}

async function assertMetricsPortFree(
  { role, metrics }: RoleDefinition,
  settings: Settings,
): Promise<void> {
  if (typeof metrics !== 'function') return;
  await assertPortFree(metrics(settings), portVariable(role, 'METRICS_'), settings.httpHost);
}

/** Asked before anything is connected, since Nest would tell it with a stack. */
async function assertPortFree(port: number, variable: string, host: string): Promise<void> {
  const server = createServer().listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `port ${port} is taken: stop what listens there, or set ${variable} to a free one`,
      { cause: error },
    );
  }
  server.close();
  await once(server, 'close');
}
