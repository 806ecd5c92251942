import { applyDecorators } from '@nestjs/common';
import { IsISO8601, Matches } from 'class-validator';

const message = '$property must be a date and time with its offset, like 2026-11-25T10:15:30Z';

/**
 * A time as OpenAPI's `date-time` (RFC 3339). ISO 8601 has more, such as week dates and a year 0,
 * which JavaScript or PostgreSQL can't read.
 */
export function IsTime(): PropertyDecorator {
  return applyDecorators(
    IsISO8601({ strict: true }, { message }),
    Matches(/^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/, { message }),
  );
}
