import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { ProblemBody } from '../http-problem';
import { channelIdSchema, requestIdSchema, timeSchema } from './patterns';

/** As the document shows {@link ProblemBody}, with the fields that some codes add. */
@ApiSchema({ name: 'Problem', description: 'Every failure has this shape; some have more fields.' })
export class ProblemDto implements ProblemBody {
  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, example: 404 })
  statusCode!: number;

  @ApiProperty({
    type: 'string',
    pattern: '^[A-Z][A-Z_]*$',
    description: 'Stable: what a program may branch on.',
    example: 'CHANNEL_NOT_FOUND',
  })
  code!: string;

  @ApiProperty({
    type: 'string',
    description: 'For people; it may change.',
    example: 'There is no such social account',
  })
  message!: string;

  @ApiProperty({
    ...requestIdSchema,
    description: 'Also in the X-Request-Id header and in the log.',
  })
  requestId!: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'With VALIDATION_FAILED: what is wrong with which field.',
    example: ['limit must not be greater than 200'],
  })
  problems?: string[];

  @ApiPropertyOptional({
    ...channelIdSchema,
    description: 'With ACCOUNT_ALREADY_CONNECTED: who holds the account.',
  })
  accountId?: string;

  @ApiPropertyOptional({
    type: 'string',
    description: 'With a META_ code: where in meta.',
    example: 'meta.board',
  })
  path?: string;

  @ApiPropertyOptional({
    ...timeSchema,
    description: 'With REFRESH_LEASE_HELD: until when, unless its holder reports before.',
  })
  heldUntil?: string;
}
