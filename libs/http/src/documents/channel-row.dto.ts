import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ChannelRow, ChannelStatus, Platform } from '@app/domain';
import { channelStatuses, platforms } from '@app/domain';
import { ApiNullable } from './documented';
import { channelIdSchema, timeSchema, workspaceIdSchema } from './patterns';

/** As the document shows {@link ChannelRow}. */
@ApiSchema({ name: 'SocialAccount', description: 'One connection of a workspace to an account.' })
export class ChannelRowDto implements ChannelRow {
  @ApiProperty(channelIdSchema)
  id!: string;

  @ApiProperty(workspaceIdSchema)
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  platform!: Platform;

  @ApiProperty({
    type: 'string',
    example: '17841400000000000',
    description: "The platform's stable id; unique among a workspace's connected accounts.",
  })
  externalId!: string;

  @ApiProperty({ type: 'string', example: '@brand' })
  handle!: string;

  @ApiNullable({ type: 'string', example: 'Brand' })
  displayName!: string | null;

  @ApiNullable({ type: 'string', format: 'uri', example: 'https://cdn.example.com/brand.png' })
  avatarUrl!: string | null;

  @ApiProperty({
    enum: channelStatuses,
    enumName: 'SocialAccountStatus',
    description:
      'ACTIVE: publishable. TOKEN_EXPIRED: reconnect before the next publish. REVOKED: the platform withdrew the grant. DISCONNECTED: for good.',
  })
  status!: ChannelStatus;

  @ApiProperty({
    type: [String],
    description: 'Granted OAuth scopes.',
    example: ['instagram_basic', 'instagram_content_publish'],
  })
  scopes!: string[];

  @ApiProperty(timeSchema)
  connectedAt!: string;

  @ApiNullable(timeSchema)
  lastRefreshedAt!: string | null;

  @ApiNullable(timeSchema, { description: 'null where the platform’s tokens never expire.' })
  tokenExpiresAt!: string | null;

  @ApiNullable(timeSchema)
  lastRefreshAttemptAt!: string | null;

  @ApiNullable(
    { type: 'string', example: 'invalid_grant' },
    { description: 'Why the latest refresh failed.', example: null },
  )
  lastRefreshError!: string | null;

  @ApiNullable(
    { type: 'integer', example: 400 },
    { description: "The platform's HTTP status of the latest failed refresh.", example: null },
  )
  lastRefreshErrorStatus!: number | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Free-form per platform.',
    example: { premium: true },
  })
  meta!: Record<string, unknown>;

  @ApiNullable(
    { type: 'string', example: '549755885175' },
    { description: 'Pinterest only.', example: null },
  )
  defaultBoardId!: string | null;
}

/** As the document shows the row of an account that has just ended. */
@ApiSchema({ name: 'DisconnectedAccount', description: 'The row after the flip.' })
export class DisconnectedRowDto extends ChannelRowDto {
  @ApiProperty({ type: 'string', enum: ['DISCONNECTED'] })
  override status!: 'DISCONNECTED';
}
