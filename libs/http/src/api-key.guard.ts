import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { createParamDecorator, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '@app/access';
import { ApiKeys } from '@app/access';
import { bearerOf, unauthorized } from './bearer';

type WithPrincipal = FastifyRequest & { principal?: Principal };

/** Lets in whoever has a valid `pb_live_` key, and knows from then on whom it speaks for. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(private readonly apiKeys: ApiKeys) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<WithPrincipal>();
    const principal = await this.apiKeys.authenticate(bearerOf(request) ?? '');
    if (!principal) throw unauthorized('pb_live_…');
    request.principal = principal;
    return true;
  }
}

/** The user that the request's key speaks for; behind `ApiKeyGuard` only. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context): Principal => {
  const { principal } = context.switchToHttp().getRequest<WithPrincipal>();
  if (!principal) throw new Error('CurrentPrincipal stands behind ApiKeyGuard only');
  return principal;
});
