import { createParamDecorator, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { Principal, ServicePrincipal, ServiceScope } from '@app/access';
import { ApiKeys, RateLimits, ServiceCredentials } from '@app/access';
import { bearerOf, unauthorized } from './bearer';
import { HttpProblem } from './http-problem';
import { needOf } from './need';

type Caller = FastifyRequest & { principal?: Principal; service?: ServicePrincipal };

/**
 * The door of every route: it holds the caller against what the route declares, before a byte of
 * the body is parsed. A route that declares nothing stops the start of its process.
 */
@Injectable()
export class RouteAccess {
  constructor(
    host: HttpAdapterHost<FastifyAdapter>,
    private readonly apiKeys: ApiKeys,
    private readonly credentials: ServiceCredentials,
    private readonly limits: RateLimits,
  ) {
    // Made before Nest registers its first route, so that no route is missed.
    const fastify = host.httpAdapter.getInstance();
    fastify.addHook('onRoute', assertDeclared);
    fastify.addHook('preParsing', async (request) => this.admit(request));
  }

  private async admit(request: Caller): Promise<void> {
    const need = needOf(request.routeOptions.config);
    if (need === undefined || need === 'anyone') return;
    if ('scope' in need) {
      request.service = await this.serviceOf(request, need.scope);
    } else {
      request.principal = await this.userOf(request);
      await this.count(request.principal);
    }
  }

  private async userOf(request: Caller): Promise<Principal> {
    const key = bearerOf(request);
    const principal = await this.apiKeys.authenticate(key ?? '');
    if (!principal) throw unauthorized(key, 'pb_live_…');
    return principal;
  }

  private async serviceOf(request: Caller, scope: ServiceScope): Promise<ServicePrincipal> {
    const key = bearerOf(request);
    const service = await this.credentials.authenticate(key ?? '');
    if (!service) throw unauthorized(key, 'pb_svc_…');
    if (!service.scopes.includes(scope)) {
      throw new HttpProblem(403, 'SCOPE_MISSING', `This credential lacks the scope ${scope}`);
    }
    return service;
  }

  /** A request without a valid key is nobody's, and counts against nobody. */
  private async count({ keyId }: Principal): Promise<void> {
    const waitMs = await this.limits.count(keyId);
    if (waitMs === 0) return;
    throw new HttpProblem(
      429,
      'RATE_LIMITED',
      'This key has made too many requests; see Retry-After',
      {},
      { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
    );
  }
}

function assertDeclared({ method, url, config }: RouteOptions): void {
  if (needOf(config) === undefined) {
    throw new Error(`${[method].flat().join(', ')} ${url} declares no need: who may call it?`);
  }
}

/** The user that the request's key speaks for; on routes with `RequirePermission` only. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context): Principal => {
  const { principal } = context.switchToHttp().getRequest<Caller>();
  if (!principal) throw new Error('CurrentPrincipal needs RequirePermission');
  return principal;
});

/** The service that calls; on routes with `RequireScope` only. */
export const CurrentService = createParamDecorator((_: unknown, context): ServicePrincipal => {
  const { service } = context.switchToHttp().getRequest<Caller>();
  if (!service) throw new Error('CurrentService needs RequireScope');
  return service;
});
