import type { ValidationError } from '@nestjs/common';
import { ValidationPipe } from '@nestjs/common';
import { HttpProblem } from './http-problem';

/** Holds bodies and queries against their classes; unknown fields are refused, not dropped. */
export const validation = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  // What was sent may be a token: it never comes back in an error.
  validationError: { target: false, value: false },
  exceptionFactory: (errors) =>
    new HttpProblem(400, 'VALIDATION_FAILED', 'Some fields are missing or wrong', {
      problems: errors.flatMap((error) => problemsOf(error)),
    }),
});

function problemsOf(error: ValidationError, path = error.property): string[] {
  const own = Object.values(error.constraints ?? {}).map((text) =>
    text.replace(error.property, path),
  );
  const nested = (error.children ?? []).flatMap((child) =>
    problemsOf(child, `${path}.${child.property}`),
  );
  return [...own, ...nested];
}
