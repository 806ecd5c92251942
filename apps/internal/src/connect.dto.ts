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

/** Login tokens as the platform gave them. */
export class TokensBody {
  @IsString()
  @MinLength(1)
  @MaxLength(8_192)
  accessToken!: string;

  @IsOptional()
  @IsString()
  @MaxLength(8_192)
  refreshToken?: string | null;
}

/** The body of a connect. */
export class ConnectBody {
  @Matches(/^ws_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
    message: 'workspaceId must be ws_ and 26 characters of a ULID',
  })
  workspaceId!: string;

  @IsIn([...platforms])
  platform!: Platform;

  @IsString()
  @MinLength(1)
  @MaxLength(255)
  externalId!: string;

  @IsString()
  @MinLength(1)
  @MaxLength(255)
  handle!: string;

  @IsOptional()
  @IsString()
  @MaxLength(255)
  displayName?: string | null;

  @IsOptional()
  @IsUrl({ require_tld: false })
  @MaxLength(2_048)
  avatarUrl?: string | null;

  @IsArray()
  @IsString({ each: true })
  scopes!: string[];

  @IsOptional()
  @IsObject()
  meta?: Record<string, unknown>;

  @IsOptional()
  @IsString()
  @MaxLength(255)
  defaultBoardId?: string | null;

  @IsNotEmptyObject()
  @ValidateNested()
  @Type(() => TokensBody)
  tokens!: TokensBody;

  @IsOptional()
  @IsISO8601({ strict: true })
  tokenExpiresAt?: string | null;

  @IsISO8601({ strict: true })
  grantedAt!: string;

  @IsString()
  @MinLength(1)
  @MaxLength(255)
  grantSubject!: string;

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
