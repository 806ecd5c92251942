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
  exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => problemsOf(error))),
});

/** @param problems one line for each; none says what was sent */
export function validationFailed(problems: readonly string[]): HttpProblem {
  const message = 'Some fields are missing, wrong or unknown';
  return new HttpProblem(400, 'VALIDATION_FAILED', message, { problems });
}

/** The problem of a field that nobody asked for. */
export function unknownField(path: string): string {
  return `property ${path.slice(0, 100)} should not exist`;
}

/** Of all that is wrong with a field, what it should be says most; the rest mostly follows. */
const whatItShouldBe = [
  'isArray',
  'isObject',
  'isNotEmptyObject',
  'isString',
  'isInt',
  'isBoolean',
] as const;

/** One problem of each field; of what a field holds only when the field itself is right. */
function problemsOf(
  { property, constraints, children }: ValidationError,
  path = property,
): string[] {
  if (!constraints) {
    return (children ?? []).flatMap((child) => problemsOf(child, `${path}.${child.property}`));
  }
  if (constraints.whitelistValidation) return [unknownField(path)];
  const most = whatItShouldBe.find((name) => constraints[name]) ?? Object.keys(constraints)[0]!;
  return [constraints[most]!.replace(property, () => path)];
}
