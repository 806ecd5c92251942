import type { ValidationError } from '@nestjs/common';
import { ValidationPipe } from '@nestjs/common';
import { HttpProblem } from './http-problem';

/** Holds bodies and queries against their classes; unknown fields are refused, not dropped. */
export const validation = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  // One problem a field: what else is wrong with it follows from the first, mostly.
  stopAtFirstError: true,
  // What was sent may be a token: it never comes back in an error.
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => problemsOf(error))),
});

/** @param problems one line for each; none says what was sent */
export function validationFailed(problems: readonly string[]): HttpProblem {
  const message = 'Some fields are missing, wrong or unknown';
  return new HttpProblem(400, 'VALIDATION_FAILED', message, { problems });
}

function problemsOf(error: ValidationError, path = error.property): string[] {
  const own = Object.values(error.constraints ?? {}).map((text) =>
    text.replace(error.property, path),
  );
  const nested = (error.children ?? []).flatMap((child) =>
    problemsOf(child, `${path}.${child.property}`),
  );
  return [...own, ...nested];
}
