import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsObject, IsOptional, IsUrl, Matches } from 'class-validator';
import type { AccountToConnect } from '@app/commands';
import type { Platform } from '@app/domain';
import { platforms } from '@app/domain';
import { workspaceIdSchema } from '@app/http';
import { GrantBody, nullable } from './grant.dto';
import { IsLine } from './is-line';

/** The body of a connect: the account, and the grant that came with it. */
@ApiSchema({ name: 'Connect' })
export class ConnectBody extends GrantBody {
  @ApiProperty(workspaceIdSchema)
  @Matches(/^ws_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
    message: 'workspaceId must be ws_ and 26 characters of a ULID',
  })
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  @IsIn([...platforms])
  platform!: Platform;

  @ApiProperty({ type: 'string', minLength: 1, maxLength: 255, example: '17841400000000000' })
  @IsLine(1, 255)
  externalId!: string;

  @ApiProperty({ type: 'string', minLength: 1, maxLength: 255, example: '@brand' })
  @IsLine(1, 255)
  handle!: string;

  @ApiPropertyOptional(nullable({ type: 'string', maxLength: 255, example: 'Brand' }))
  @IsOptional()
  @IsLine(0, 255)
  displayName?: string | null;

  @ApiPropertyOptional(
    nullable({
      type: 'string',
      format: 'uri',
      maxLength: 2_048,
      example: 'https://cdn.example.com/brand.png',
    }),
  )
  @IsOptional()
  @IsUrl({
    protocols: ['http', 'https'],
    require_protocol: true,
    require_tld: false,
    disallow_auth: true,
  })
  @IsLine(1, 2_048)
  avatarUrl?: string | null;

  @ApiPropertyOptional({
    ...nullable({ type: 'object', additionalProperties: true, example: { premium: true } }),
    description: '4 KiB as JSON and 3 levels at most; nothing that looks like a credential.',
  })
  @IsOptional()
  @IsObject()
  meta?: Record<string, unknown> | null;

  @ApiPropertyOptional(nullable({ type: 'string', maxLength: 255, example: '549755885175' }))
  @IsOptional()
  @IsLine(0, 255)
  defaultBoardId?: string | null;

  /** The account in one form, whatever order or optional fields the body came with. */
  static toAccount(body: ConnectBody): AccountToConnect {
    return {
      workspaceId: body.workspaceId,
      platform: body.platform,
      externalId: body.externalId,
      handle: body.handle,
      displayName: body.displayName ?? null,
      avatarUrl: body.avatarUrl ?? null,
      meta: body.meta ?? {},
      defaultBoardId: body.defaultBoardId ?? null,
      ...GrantBody.toGrant(body),
    };
  }
}
