import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ApiPropertyOptions, OpenAPIObject } from '@nestjs/swagger';
import { ApiProperty, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { completeDocument } from './complete-document';

type Schema = Extract<ApiPropertyOptions['anyOf'], object>[number];

/** A documented property that may be null, in the words of OpenAPI 3.1. */
export function ApiNullable(
  schema: Schema,
  notes: { readonly description?: string; /** When it mostly is. */ readonly example?: null } = {},
): PropertyDecorator {
  return ApiProperty({ anyOf: [schema, { type: 'null' }], ...notes });
}

/** What is said of a whole API. */
export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  /** What its bearer keys look like. */
  readonly keyFormat: string;
  /** The module whose controllers make the API. */
  readonly module: Type<unknown>;
}

/** The OpenAPI document of an application's own API. */
export function documentOf(app: INestApplication, about: ApiDescription): OpenAPIObject {
  const key = { type: 'http', scheme: 'bearer', bearerFormat: about.keyFormat } as const;
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(about.title)
    .setDescription(about.description)
    .setVersion('1')
    .addBearerAuth(key, 'key')
    .addSecurityRequirements('key');
  return completeDocument(
    SwaggerModule.createDocument(app, builder.build(), {
      include: [about.module],
      operationIdFactory: (_, method) => method,
    }),
  );
}

/**
 * The same document without the application. Its modules are wired, but nothing in them is made
 * (Nest's preview mode), so that nothing connects to anything.
 *
 * @param imports what the API's module needs around it
 */
export async function describeApi(
  imports: NonNullable<ModuleMetadata['imports']>,
  about: ApiDescription,
): Promise<OpenAPIObject> {
  const root = { module: Described, imports: [...imports, about.module] };
  const app = await NestFactory.create(root, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return documentOf(app, about);
}

class Described {}
