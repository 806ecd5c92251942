import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RouteOptions } from 'fastify';
import type { Settings } from '@app/config';
import type { Need } from '@app/http';
import { needOf } from '@app/http';
import type { RoleContent } from '@app/role';
import { createRole } from '@app/role';
import type { TestBed } from '@app/testing';

/** A route as the running router has it. */
export interface DiscoveredRoute {
  readonly method: string;
  /** `/api/v1/social-accounts/:accountId` */
  readonly url: string;
  readonly need: Need | undefined;
}

/** A role that listens within this process, with every route that its router was given. */
export interface RoleInProcess {
  readonly url: string;
  readonly routes: readonly DiscoveredRoute[];
}

/** Closed with the bed. */
export async function startRoleInProcess(
  bed: TestBed,
  role: 'api' | 'internal',
  content: RoleContent,
): Promise<RoleInProcess> {
  const app = await roleApplication(await bed.settings(role, { LOG_LEVEL: 'fatal' }), content);
  bed.atEnd(() => app.close());
  const routes: DiscoveredRoute[] = [];
  const collect = ({ method, url, config }: RouteOptions): void => {
    for (const each of [method].flat()) routes.push({ method: each, url, need: needOf(config) });
  };
  // Nest gives the router its routes when it starts to listen: none is missed.
  app.getHttpAdapter().getInstance().addHook('onRoute', collect);
  await app.listen(0, '127.0.0.1');
  return { url: (await app.getUrl()).replace('localhost', '127.0.0.1'), routes };
}

/** A role wired, not listening yet; its engines are not probed. */
export function roleApplication(
  settings: Settings,
  content: RoleContent,
): Promise<NestFastifyApplication> {
  return createRole(content, settings, []);
}

/** One request with whatever a test wants in it, and the answer as text. */
export async function call(
  url: string,
  method: string,
  { secret, body, headers }: CallOptions = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export interface CallOptions {
  readonly secret?: string;
  /** As it goes over the wire. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
