import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsNotEmptyObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { RenewedGrant } from '@app/commands';
import { timeSchema, userIdSchema } from '@app/http';
import { IsLine } from './is-line';
import { IsTime } from './is-time';

export const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

/** Login tokens as the platform gave them. */
@ApiSchema({ name: 'Tokens' })
export class TokensBody {
  @ApiProperty({
    type: 'string',
    minLength: 1,
    maxLength: 8_192,
    example: 'what the platform gave',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(8_192)
  accessToken!: string;

  @ApiPropertyOptional(
    nullable({ type: 'string', maxLength: 8_192, example: 'what the platform gave' }),
  )
  @IsOptional()
  @IsString()
  @MaxLength(8_192)
  refreshToken?: string | null;
}

/** What a platform's login flow hands over: new tokens, what they are good for, and who logged in. */
@ApiSchema({ name: 'Grant' })
export class GrantBody {
  @ApiProperty({
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 255 },
    maxItems: 100,
    example: ['instagram_basic', 'instagram_content_publish'],
  })
  @IsArray()
  @ArrayMaxSize(100)
  @IsLine(1, 255, { each: true })
  scopes!: string[];

  @ApiProperty({ type: TokensBody })
  @IsNotEmptyObject()
  @ValidateNested()
  @Type(() => TokensBody)
  tokens!: TokensBody;

  @ApiPropertyOptional(nullable(timeSchema))
  @IsOptional()
  @IsTime()
  tokenExpiresAt?: string | null;

  @ApiProperty(timeSchema)
  @IsTime()
  grantedAt!: string;

  @ApiProperty({
    type: 'string',
    minLength: 1,
    maxLength: 255,
    example: '122093845100000000',
    description: 'Who granted access on the platform; only its HMAC is kept.',
  })
  @IsLine(1, 255)
  grantSubject!: string;

  @ApiProperty({ ...userIdSchema, description: 'Who logged in.' })
  @Matches(/^usr_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
    message: 'actor must be usr_ and 26 characters of a ULID',
  })
  actor!: string;

  /** The grant in one form, field by field: what else a body has goes nowhere. */
  static toGrant(body: GrantBody): RenewedGrant {
    return {
      scopes: body.scopes,
      tokens: {
        accessToken: body.tokens.accessToken,
        refreshToken: body.tokens.refreshToken ?? null,
      },
      tokenExpiresAt: body.tokenExpiresAt ? utc(body.tokenExpiresAt) : null,
      grantedAt: utc(body.grantedAt),
      grantSubject: body.grantSubject,
      actor: body.actor,
    };
  }
}

/** The same time in the one form that events have. */
export function utc(time: string): string {
  return new Date(time).toISOString();
}
