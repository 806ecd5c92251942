import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { createParamDecorator, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { ServicePrincipal, ServiceScope } from '@app/access';
import { ServiceCredentials } from '@app/access';
import { bearerOf, unauthorized } from './bearer';
import { HttpProblem } from './http-problem';

const SCOPE = 'service-scope';
type WithService = FastifyRequest & { service?: ServicePrincipal };

/** The scope that a service's credential must have for this route. */
export const RequireScope = (scope: ServiceScope): MethodDecorator => SetMetadata(SCOPE, scope);

/** Lets in services with a valid `pb_svc_` credential of the route's scope; never a user's key. */
@Injectable()
export class ServiceGuard implements CanActivate {
  constructor(
    private readonly credentials: ServiceCredentials,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const scope = this.reflector.get<ServiceScope | undefined>(SCOPE, context.getHandler());
    if (!scope) throw new Error(`${context.getHandler().name} declares no scope`);

    const request = context.switchToHttp().getRequest<WithService>();
    const service = await this.credentials.authenticate(bearerOf(request) ?? '');
    if (!service) throw unauthorized('pb_svc_…');
    if (!service.scopes.includes(scope)) {
      throw new HttpProblem(403, 'SCOPE_MISSING', `This credential lacks the scope ${scope}`);
    }
    request.service = service;
    return true;
  }
}

/** The service that calls; behind `ServiceGuard` only. */
export const CurrentService = createParamDecorator((_: unknown, context): ServicePrincipal => {
  const { service } = context.switchToHttp().getRequest<WithService>();
  if (!service) throw new Error('CurrentService stands behind ServiceGuard only');
  return service;
});
