import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ChannelRow, ChannelStatus, Platform } from '@app/domain';
import { channelStatuses, platforms } from '@app/domain';
import { ApiNullable } from './documented';
import { channelIdPattern, workspaceIdPattern } from './patterns';

const time = { type: 'string', format: 'date-time' } as const;
const text = { type: 'string' } as const;

/** As the document shows {@link ChannelRow}. */
@ApiSchema({ name: 'SocialAccount', description: 'One connection of a workspace to an account.' })
export class ChannelRowDto implements ChannelRow {
  @ApiProperty({ type: 'string', pattern: channelIdPattern })
  id!: string;

  @ApiProperty({ type: 'string', pattern: workspaceIdPattern })
  workspaceId!: string;

  @ApiProperty({ enum: platforms, enumName: 'Platform' })
  platform!: Platform;

  @ApiProperty({
    type: 'string',
    description: "The platform's stable id; unique among a workspace's connected accounts.",
  })
  externalId!: string;

  @ApiProperty({ type: 'string', example: '@brand' })
  handle!: string;

  @ApiNullable(text)
  displayName!: string | null;

  @ApiNullable({ type: 'string', format: 'uri' })
  avatarUrl!: string | null;

  @ApiProperty({
    enum: channelStatuses,
    enumName: 'SocialAccountStatus',
    description:
      'ACTIVE: publishable. TOKEN_EXPIRED: reconnect before the next publish. REVOKED: the platform withdrew the grant. DISCONNECTED: for good.',
  })
  status!: ChannelStatus;

  @ApiProperty({ type: [String], description: 'Granted OAuth scopes.' })
  scopes!: string[];

  @ApiProperty(time)
  connectedAt!: string;

  @ApiNullable(time)
  lastRefreshedAt!: string | null;

  @ApiNullable(time, 'null where the platform’s tokens never expire.')
  tokenExpiresAt!: string | null;

  @ApiNullable(time)
  lastRefreshAttemptAt!: string | null;

  @ApiNullable(text, 'Why the latest refresh failed.')
  lastRefreshError!: string | null;

  @ApiNullable({ type: 'integer' }, "The platform's HTTP status of the latest failed refresh.")
  lastRefreshErrorStatus!: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Free-form.' })
  meta!: Record<string, unknown>;

  @ApiNullable(text, 'Pinterest only.')
  defaultBoardId!: string | null;
}
