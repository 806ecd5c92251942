import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsNotEmptyObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { RefreshFailed, RefreshSucceeded, ReportedRefresh } from '@app/commands';
import { channelIdSchema, timeSchema, validationFailed } from '@app/http';
import { nullable, TokensBody, utc } from './grant.dto';
import { IsLine } from './is-line';
import { IsTime } from './is-time';
import { leaseIdSchema } from './lease.dto';

const largestVersion = 2_147_483_647;
const succeeded = (body: RefreshReportBody): boolean => body.tokens !== undefined;
const failed = (body: RefreshReportBody): boolean => body.tokens === undefined;

/** With `tokens` it tells of a success, without of a failure. */
@ApiSchema({ name: 'RefreshReport' })
export class RefreshReportBody {
  @ApiPropertyOptional({
    ...nullable({ type: 'integer', minimum: 1, maximum: largestVersion, example: 3 }),
    description: 'That the refresh lease named; needed with tokens.',
  })
  @ValidateIf((body: RefreshReportBody) => succeeded(body) || (body.version ?? null) !== null)
  @IsInt()
  @Min(1)
  @Max(largestVersion)
  version?: number | null;

  @ApiPropertyOptional({
    ...nullable(leaseIdSchema),
    description:
      'The refresh lease that was held, which ends with the report. Without it the one of that version does, unless the service has taken several of it.',
  })
  @IsOptional()
  @Matches(new RegExp(leaseIdSchema.pattern), {
    message: 'leaseId must be lease_ and 26 characters of a ULID',
  })
  leaseId?: string | null;

  @ApiPropertyOptional({
    type: TokensBody,
    description: 'Without refreshToken the former one goes on (RFC 6749, section 6).',
  })
  @ValidateIf(succeeded)
  @IsNotEmptyObject()
  @ValidateNested()
  @Type(() => TokensBody)
  tokens?: TokensBody;

  @ApiPropertyOptional(nullable(timeSchema))
  @IsOptional()
  @IsTime()
  tokenExpiresAt?: string | null;

  @ApiPropertyOptional({
    ...nullable({ type: 'integer', minimum: 100, maximum: 599, example: 400 }),
    description: "The platform's HTTP status; null when it didn't answer.",
  })
  @IsOptional()
  @IsInt()
  @Min(100)
  @Max(599)
  platformStatus?: number | null;

  @ApiPropertyOptional({
    type: 'string',
    minLength: 1,
    maxLength: 100,
    example: 'invalid_grant',
    description: "The platform's error code; needed without tokens.",
  })
  @ValidateIf(failed)
  @IsLine(1, 100)
  code?: string;

  @ApiPropertyOptional({
    type: 'string',
    maxLength: 1_000,
    example: 'The refresh token is invalid or expired',
    description: 'As the platform words it; needed without tokens. Scrubbed before it is kept.',
  })
  @ValidateIf(failed)
  // Also of several lines: what is kept of it is one.
  @IsString()
  @MaxLength(1_000)
  reason?: string;

  @ApiPropertyOptional({
    type: 'boolean',
    example: true,
    description: 'Whether trying again is useless: TOKEN_EXPIRED then. Needed without tokens.',
  })
  @ValidateIf(failed)
  @IsBoolean()
  permanent?: boolean;

  /** @throws HttpProblem when it tells of a success and of a failure at once */
  static toReport(body: RefreshReportBody): RefreshSucceeded | RefreshFailed {
    const { tokens, code, reason, permanent, platformStatus } = body;
    if (!tokens) {
      return {
        outcome: 'FAILED',
        version: body.version ?? null,
        platformStatus: platformStatus ?? null,
        code: code!,
        reason: reason!,
        permanent: permanent!,
      };
    }
    if ([code, reason, permanent, platformStatus].some((field) => field !== undefined)) {
      throw validationFailed(['tokens come without code, reason, permanent and platformStatus']);
    }
    return {
      outcome: 'REFRESHED',
      version: body.version!,
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      tokenExpiresAt: body.tokenExpiresAt ? utc(body.tokenExpiresAt) : null,
    };
  }
}

/** One example of each kind, since no body is both. */
export const refreshReports = {
  success: {
    value: {
      version: 3,
      tokens: { accessToken: 'what the platform gave' },
      tokenExpiresAt: timeSchema.example,
    },
  },
  failure: {
    value: { platformStatus: 400, code: 'invalid_grant', reason: 'Revoked', permanent: true },
  },
};

/** As the document shows {@link ReportedRefresh}. */
@ApiSchema({ name: 'ReportedRefresh' })
export class ReportedRefreshDto implements ReportedRefresh {
  @ApiProperty(channelIdSchema)
  accountId!: string;

  @ApiProperty({ enum: ['REFRESHED', 'FAILED'] })
  outcome!: 'REFRESHED' | 'FAILED';

  @ApiProperty({ enum: ['ACTIVE', 'TOKEN_EXPIRED'], description: 'By this report.' })
  status!: 'ACTIVE' | 'TOKEN_EXPIRED';

  @ApiProperty({
    ...nullable({ type: 'integer', minimum: 1, example: 3 }),
    description: 'Of the tokens in the vault after it; null when a failure came without one.',
  })
  version!: number | null;
}
