import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ProblemBody } from '../http-problem';

/** As the document shows {@link ProblemBody}. */
@ApiSchema({ name: 'Problem', description: 'Every failure has this shape; some have more fields.' })
export class ProblemDto implements ProblemBody {
  @ApiProperty({ type: 'integer' })
  statusCode!: number;

  @ApiProperty({
    type: 'string',
    pattern: '^[A-Z][A-Z_]*$',
    description: 'Stable: what a program may branch on.',
    example: 'CHANNEL_NOT_FOUND',
  })
  code!: string;

  @ApiProperty({ type: 'string', description: 'For people; it may change.' })
  message!: string;

  @ApiProperty({
    type: 'string',
    pattern: '^req_[0-7][0-9A-HJKMNP-TV-Z]{25}$',
    description: 'Also in the X-Request-Id header and in the log.',
  })
  requestId!: string;
}
