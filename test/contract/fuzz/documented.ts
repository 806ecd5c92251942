import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020';

/** As much of JSON Schema as our documents use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  additionalProperties?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Record<'application/json', { readonly schema: Schema }>;

interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<
    Record<
      string,
      { readonly content: Content; readonly headers: Readonly<Record<string, object>> }
    >
  >;
}

export interface Operation extends DocumentedOperation {
  readonly method: string;
  /** With `{…}` where a parameter goes. */
  readonly path: string;
}

/** What the document says: the operations, and whether an answer is one that it describes. */
export class Documented {
  readonly operations: readonly Operation[];
  private readonly schemas: Readonly<Record<string, Schema>>;
  private readonly requests = addFormats(new Ajv2020({ strict: false }));
  private readonly answers = addFormats(new Ajv2020({ strict: false }));
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(file: string) {
    const text = readFileSync(join(__dirname, '../../../docs', file), 'utf8');
    const document = JSON.parse(text) as {
      paths: Record<string, Record<string, DocumentedOperation>>;
      components: { schemas: Record<string, Schema> };
    };
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        method: method.toUpperCase(),
        path,
      })),
    );
    this.schemas = document.components.schemas;
    // A reader must bear further fields, so the document allows them; an answer of today has none.
    // What a request may hold the document says itself.
    this.requests.addSchema({ $id: 'document', components: structuredClone(document.components) });
    for (const schema of Object.values(this.schemas)) {
      if (schema.properties) schema.additionalProperties ??= false;
    }
    this.answers.addSchema({ $id: 'document', components: document.components });
  }

  /** The schema that a reference stands for. */
  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : this.schemas[name]!;
  }

  /** What in an answer the document doesn't describe; nothing when it does. */
  surprise(
    { operationId, responses }: Operation,
    answer: { status: number; headers: Readonly<Record<string, unknown>>; body: unknown },
  ): string | undefined {
    const response = responses[answer.status];
    if (!response) return `undocumented status ${answer.status}`;
    const lacking = Object.keys(response.headers).filter(
      (name) => name !== 'X-Read-Model' && answer.headers[name.toLowerCase()] === undefined,
    );
    if (lacking.length > 0) return `without ${lacking.join(', ')}`;
    const surplus = Object.keys(answer.headers)
      .filter((name) => name.startsWith('x-'))
      .filter((name) => !Object.keys(response.headers).some((key) => key.toLowerCase() === name));
    if (surplus.length > 0) return `undocumented ${surplus.join(', ')}`;

    const key = `${operationId} ${answer.status}`;
    const validate = this.validator(this.answers, key, response.content);
    return validate(answer.body) ? undefined : this.answers.errorsText(validate.errors);
  }

  /** What in a request the document doesn't allow, so that no answer may be a success. */
  forbidden(
    { operationId, parameters, requestBody }: Operation,
    { path, body = '' }: { readonly path: string; readonly body: string | undefined },
  ): string | undefined {
    const asked = parameters.filter((parameter) => parameter.in === 'query');
    const surplus = [...new URL(path, 'http://any').searchParams.keys()].filter(
      (key) => !asked.some(({ name }) => name === key),
    );
    if (surplus.length > 0) return `the query ${surplus.join(', ')}`;
    if (body === '') return undefined;
    const sent = JSON.parse(body) as object;
    // No fields at all are none that a route didn't ask for.
    if (!requestBody) return Object.keys(sent).length > 0 ? 'a body' : undefined;
    const validate = this.validator(this.requests, `${operationId} request`, requestBody.content);
    return validate(sent) ? undefined : `a body: ${this.requests.errorsText(validate.errors)}`;
  }

  private validator(ajv: Ajv2020, key: string, content: Content): ValidateFunction {
    let validate = this.validators.get(key);
    if (!validate) {
      const { schema } = content['application/json'];
      validate = ajv.compile(absolute(schema));
      this.validators.set(key, validate);
    }
    return validate;
  }
}

/** References as they are read from outside of the document. */
function absolute(schema: Schema): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object;
}
