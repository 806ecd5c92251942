import type { ModuleMetadata } from '@nestjs/common';
import { applyDecorators } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { ApiPropertyOptions, OpenAPIObject } from '@nestjs/swagger';
import { ApiProperty, ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { ProblemDto } from './problem.dto';

type Schema = Extract<ApiPropertyOptions['anyOf'], object>[number];

/** A documented property that may be null, in the words of OpenAPI 3.1. */
export function ApiNullable(schema: Schema, description?: string): PropertyDecorator {
  const anyOf = [schema, { type: 'null' }];
  return ApiProperty({ anyOf, ...(description === undefined ? {} : { description }) });
}

/** The failures that a route can answer, all in the one shape. */
export function ApiProblems(problems: Readonly<Record<number, string>>): MethodDecorator {
  return applyDecorators(
    ...Object.entries(problems).map(([status, description]) =>
      ApiResponse({ status: Number(status), description, type: ProblemDto }),
    ),
  );
}

/** What is said of a whole API. */
export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  /** What its bearer keys look like. */
  readonly keyFormat: string;
}

/**
 * The OpenAPI document of all controllers of these modules. They are wired, but nothing in them is
 * made (Nest's preview mode), so that nothing connects to anything.
 */
export async function describeApi(
  imports: NonNullable<ModuleMetadata['imports']>,
  { title, description, keyFormat }: ApiDescription,
): Promise<OpenAPIObject> {
  const app = await NestFactory.create({ module: Described, imports }, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(title)
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: keyFormat }, 'key')
    .addSecurityRequirements('key');
  return SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_, method) => method,
  });
}

class Described {}
