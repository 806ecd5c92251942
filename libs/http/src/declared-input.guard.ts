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
      ...(takes(context, RouteParamtypes.QUERY) ? inherited(query) : fieldsOf(query)),
      ...(takes(context, RouteParamtypes.BODY) ? inherited(body) : fieldsOf(body)),
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

/**
 * Fields with a name that every object has, such as `toString`, at any depth: on its way into a
 * class such a field is lost, and validation never sees it.
 */
function inherited(sent: unknown, before = ''): string[] {
  if (typeof sent !== 'object' || sent === null) return [];
  return Object.entries(sent).flatMap(([name, value]) =>
    name in Object.prototype ? [before + name] : inherited(value, `${before}${name}.`),
  );
}
