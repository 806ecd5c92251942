import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { requestIdSchema } from './patterns';
import { ProblemDto } from './problem.dto';

/** The codes that a status can come with, and what each means. */
export type Codes = Readonly<Record<string, string>>;

/** What every route with a body can refuse before it looks at the fields. */
export const bodyProblems = {
  413: { BODY_TOO_LARGE: 'The body has more than 64 KiB.' },
  415: { UNSUPPORTED_MEDIA_TYPE: 'The body is not application/json.' },
} as const;

/** The failures that a route can answer, by status and code, all in the one shape. */
export function ApiProblems(problems: Readonly<Record<number, Codes>>): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(ProblemDto),
    ...Object.entries(problems).map(([status, codes]) => ApiProblem(Number(status), codes)),
  );
}

function ApiProblem(status: number, codes: Codes): MethodDecorator {
  const meanings = Object.entries(codes);
  return ApiResponse({
    status,
    description: meanings.map(([code, meaning]) => `\`${code}\`: ${meaning}`).join(' '),
    content: {
      'application/json': {
        schema: {
          allOf: [
            { $ref: getSchemaPath(ProblemDto) },
            {
              type: 'object',
              properties: {
                statusCode: { type: 'integer', enum: [status] },
                code: { type: 'string', enum: Object.keys(codes) },
              },
            },
          ],
        },
        examples: Object.fromEntries(
          meanings.map(([code, message]) => [
            code,
            { value: { statusCode: status, code, message, requestId: requestIdSchema.example } },
          ]),
        ),
      },
    },
  });
}
