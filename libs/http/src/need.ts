import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Permission, ServiceScope } from '@app/access';
import { ApiProblems } from './documents/problems';

/** Who may call a route. */
export type Need =
  /** A user's key. In which workspaces the permission holds is judged once the channel is known. */
  | { readonly permission: Permission }
  /** A service's credential that has this scope. */
  | { readonly scope: ServiceScope }
  /** Anyone, also without a key: what is told there is no secret. */
  | 'anyone';

/** A route of users: their key must be valid and within its limits. */
export const RequirePermission = (permission: Permission): MethodDecorator =>
  applyDecorators(declare({ permission }), ApiProblems({ 401: noKey, 429: tooMany }));

/** A route of services: their credential must be valid and have the scope. */
export const RequireScope = (scope: ServiceScope): MethodDecorator =>
  applyDecorators(
    declare({ scope }),
    ApiProblems({ 401: noKey, 403: { SCOPE_MISSING: `The credential lacks the scope ${scope}.` } }),
  );

/** A route of everybody. */
export const OpenToAnyone = (): MethodDecorator => declare('anyone');

/** Kept where Fastify finds it, before it reads a body. */
const declare = (need: Need): MethodDecorator => RouteConfig({ need });

const noKey = { UNAUTHORIZED: 'The key is missing, unknown or revoked.' };
const tooMany = { RATE_LIMITED: 'The key has made too many requests; see Retry-After.' };

/** What a route declares, as Fastify keeps it; undefined when it declares nothing. */
export function needOf(config: unknown): Need | undefined {
  return (config as { need?: Need } | undefined)?.need;
}
