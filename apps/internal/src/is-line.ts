import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, MaxLength, MinLength } from 'class-validator';

/**
 * A text that logs, events and databases all take: no control characters (PostgreSQL refuses NUL,
 * and a projection would stand still at it), no halves of a character.
 */
export function IsLine(
  minLength: number,
  maxLength: number,
  { each = false }: { readonly each?: boolean } = {},
): PropertyDecorator {
  return applyDecorators(
    IsString({ each }),
    MinLength(minLength, { each }),
    MaxLength(maxLength, { each }),
    Matches(/^[^\p{Cc}\p{Cs}]*$/u, { each, message: '$property must be one line of text' }),
  );
}
