import type { JsonSchema, Schemas } from './json-schema';
import { resolved } from './json-schema';

/**
 * An example of a schema, made of the examples of what it consists of. Of alternatives it is the
 * first.
 *
 * @throws Error for a part that has none
 */
export function exampleOf(schema: JsonSchema, schemas: Schemas, name = 'the body'): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.$ref !== undefined) return exampleOf(resolved(schema, schemas), schemas, schema.$ref);
  const first = (schema.oneOf ?? schema.anyOf)?.[0];
  if (first) return exampleOf(first, schemas, name);
  if (schema.enum) return schema.enum[0];
  if (schema.items) return [exampleOf(schema.items, schemas, name)];
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([key, value]) => [
        key,
        exampleOf(value, schemas, `${name}.${key}`),
      ]),
    );
  }
  throw new Error(`${name} has no example`);
}
