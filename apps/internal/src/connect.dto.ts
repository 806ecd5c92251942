import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsISO8601,
  IsNotEmptyObject,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { AccountToConnect } from '@app/commands';
import type { Platform } from '@app/domain';
import { platforms } from '@app/domain';
import { userIdPattern, workspaceIdPattern } from '@app/http';

const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

/** Login tokens as the platform gave them. */
@ApiSchema({ name: 'Tokens' })
export class TokensBody {
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 8_192 })
  @IsString()
  @MinLength(1)
  @MaxLength(8_192)
  accessToken!: string;

  @ApiPropertyOptional(nullable({ type: 'string', maxLength: 8_192 }))
  @IsOptional()
  @IsString()
  @MaxLength(8_192)
  refreshToken?: string | null;
}

/** The body of a connect. */
@ApiSchema({ name: 'Connect' })
export class ConnectBody {
  @ApiProperty({ type: 'string', pattern: workspaceIdPattern })
  @Matches(/^ws_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
    message: 'workspaceId must be ws_ and 26 characters of a ULID',
  })
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  @IsIn([...platforms])
  platform!: Platform;

  @ApiProperty({ type: 'string', minLength: 1, maxLength: 255 })
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  externalId!: string;

  @ApiProperty({ type: 'string', minLength: 1, maxLength: 255 })
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  handle!: string;

  @ApiPropertyOptional(nullable({ type: 'string', maxLength: 255 }))
  @IsOptional()
  @IsString()
  @MaxLength(255)
  displayName?: string | null;

  @ApiPropertyOptional(nullable({ type: 'string', format: 'uri', maxLength: 2_048 }))
  @IsOptional()
  @IsUrl({ require_tld: false })
  @MaxLength(2_048)
  avatarUrl?: string | null;

  @ApiProperty({ type: [String] })
  @IsArray()
  @IsString({ each: true })
  scopes!: string[];

  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @IsOptional()
  @IsObject()
  meta?: Record<string, unknown>;

  @ApiPropertyOptional(nullable({ type: 'string', maxLength: 255 }))
  @IsOptional()
  @IsString()
  @MaxLength(255)
  defaultBoardId?: string | null;

  @ApiProperty({ type: TokensBody })
  @IsNotEmptyObject()
  @ValidateNested()
  @Type(() => TokensBody)
  tokens!: TokensBody;

  @ApiPropertyOptional(nullable({ type: 'string', format: 'date-time' }))
  @IsOptional()
  @IsISO8601({ strict: true })
  tokenExpiresAt?: string | null;

  @ApiProperty({ type: 'string', format: 'date-time' })
  @IsISO8601({ strict: true })
  grantedAt!: string;

  @ApiProperty({
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description: 'Who granted access on the platform; only its HMAC is kept.',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  grantSubject!: string;

  @ApiProperty({ type: 'string', pattern: userIdPattern, description: 'Who connects.' })
  @Matches(/^usr_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
    message: 'actor must be usr_ and 26 characters of a ULID',
  })
  actor!: string;

  /** The account in one form, whatever order or optional fields the body came with. */
  static toAccount(body: ConnectBody): AccountToConnect {
    return {
      workspaceId: body.workspaceId,
      platform: body.platform,
      externalId: body.externalId,
      handle: body.handle,
      displayName: body.displayName ?? null,
      avatarUrl: body.avatarUrl ?? null,
      scopes: body.scopes,
      meta: body.meta ?? {},
      defaultBoardId: body.defaultBoardId ?? null,
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

function utc(time: string): string {
  return new Date(time).toISOString();
}
