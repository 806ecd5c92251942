/** As much of JSON Schema as our documents use. */
export interface JsonSchema {
  $ref?: string;
  type?: string;
  format?: string;
  pattern?: string;
  enum?: readonly unknown[];
  example?: unknown;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  allOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

/** By name: `#/components/schemas/<name>`. */
export type Schemas = Readonly<Record<string, JsonSchema>>;

/** The schema that a reference stands for, or the schema itself. */
export function resolved(schema: JsonSchema, schemas: Schemas): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.slice('#/components/schemas/'.length);
  const found = schemas[name];
  if (!found) throw new Error(`The document has no schema ${name}`);
  return found;
}
