import type { JsonSchema, Schemas } from './json-schema';
import { resolved } from './json-schema';

/**
 * Says of a request's schema and of all within it that further fields are refused. An answer's
 * stays open: a reader must bear fields that come later.
 */
export function closeRequest(schema: JsonSchema, schemas: Schemas): void {
  const own = resolved(schema, schemas);
  const parts = [...(own.allOf ?? []), ...(own.anyOf ?? []), ...(own.oneOf ?? [])];
  if (own.items) parts.push(own.items);
  if (own.properties) {
    own.additionalProperties ??= false;
    parts.push(...Object.values(own.properties));
  }
  for (const part of parts) closeRequest(part, schemas);
}
