import type { OpenAPIObject } from '@nestjs/swagger';
import { challenges } from '../bearer';
import { closeRequest } from './close-request';
import { exampleOf } from './example-of';
import type { JsonSchema, Schemas } from './json-schema';
import { requestIdSchema } from './patterns';

/** The parts of a document that are completed. */
interface Operation {
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content; headers?: Record<string, unknown> }>;
}
type Content = Record<string, { schema: JsonSchema; example?: unknown; examples?: unknown }>;

const headers = {
  Challenge: {
    description: 'How to send a key (RFC 6750), with an error when the one that came is not valid.',
    required: true,
    schema: { type: 'string', enum: Object.values(challenges), example: challenges.none },
  },
  RequestId: {
    description: 'The id of the request; in the log, and in the body of a failure.',
    required: true,
    schema: requestIdSchema,
  },
  RetryAfter: {
    description: 'Seconds after which to try again.',
    required: true,
    schema: { type: 'integer', minimum: 1, example: 1 },
  },
};

/**
 * Adds what no decorator says: the headers of every answer, that a request has no further fields,
 * and an example of every body, made of the examples of its fields.
 *
 * @throws Error for a field without an example
 */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  const schemas = (document.components?.schemas ?? {}) as Schemas;
  for (const schema of Object.values(schemas)) unwrapReferences(schema);
  for (const operation of operationsOf(document)) {
    for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
      closeRequest(schema, schemas);
    }
    for (const content of contentsOf(operation)) {
      if (!content.examples) content.example = exampleOf(content.schema, schemas);
    }
    for (const [status, response] of Object.entries(operation.responses)) {
      response.headers = { ...headersOf(status), ...response.headers };
    }
  }
  return {
    ...document,
    info: { ...document.info, license },
    servers: [{ url: '/' }],
    components: { ...document.components, headers },
  };
}

/** Nobody but us may use it; SPDX has no id for that. */
const license = { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' } as { name: string };

function headersOf(status: string): object {
  const retryAfter = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } };
  const challenge = { 'WWW-Authenticate': { $ref: '#/components/headers/Challenge' } };
  return {
    ...(status === '401' ? challenge : {}),
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(status === '429' || status === '503' ? retryAfter : {}),
  };
}

function operationsOf({ paths }: OpenAPIObject): Operation[] {
  const methods = ['get', 'post', 'delete'] as const;
  return Object.values(paths).flatMap((path) =>
    methods.flatMap((method) => (path[method] ? [path[method] as unknown as Operation] : [])),
  );
}

function contentsOf({ requestBody, responses }: Operation): Content[string][] {
  const all = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
  return all.flatMap((content) => Object.values(content ?? {}));
}

/** `allOf` around one reference is how 3.0 gave it a description; 3.1 takes both side by side. */
function unwrapReferences(schema: JsonSchema): void {
  for (const property of Object.values(schema.properties ?? {})) {
    if (property.allOf?.length !== 1) continue;
    Object.assign(property, property.allOf[0]);
    delete property.allOf;
  }
}
