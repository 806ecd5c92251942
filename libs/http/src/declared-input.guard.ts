import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import type { FastifyRequest } from 'fastify';
import { unknownField, validationFailed } from './validation';

/**
 * Refuses what a route doesn't ask for: validation sees declared bodies and queries only, and what
 * nobody looks at would be taken for granted by who sent it.
 */
@Injectable()
export class DeclaredInputGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query, body } = context.switchToHttp().getRequest<FastifyRequest>();
    const undeclared = [
      ...(takes(context, RouteParamtypes.QUERY) ? [] : fieldsOf(query)),
      ...(takes(context, RouteParamtypes.BODY) ? [] : fieldsOf(body)),
    ];
    if (undeclared.length === 0) return true;
    throw validationFailed(undeclared.map(unknownField));
  }
}

/** Keys are `<kind>:<index of the argument>`, as Nest's own decorators write them. */
function takes(context: ExecutionContext, kind: RouteParamtypes): boolean {
  const declared: unknown = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  );
  return Object.keys(declared ?? {}).some((key) => key.startsWith(`${kind}:`));
}

function fieldsOf(sent: unknown): string[] {
  return Object.keys(sent ?? {});
}
