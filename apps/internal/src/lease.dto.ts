import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ChannelId } from '@app/domain';
import { channelIdSchema, timeSchema } from '@app/http';
import type { TakenLease } from '@app/token-vault';

const token = {
  type: 'string',
  example: 'what the platform gave',
  description: 'Keep it in memory only, and log it nowhere.',
} as const;

export const leaseIdSchema = {
  type: 'string',
  pattern: '^lease_[0-7][0-9A-HJKMNP-TV-Z]{25}$',
  example: 'lease_01KAXW8G3H5K7M9P1R2S4T6V8W',
} as const;

class LeaseDto {
  @ApiProperty(channelIdSchema)
  accountId!: ChannelId;

  @ApiProperty(leaseIdSchema)
  leaseId!: string;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    example: 3,
    description: 'Of the tokens in the vault.',
  })
  version!: number;

  @ApiProperty({
    ...timeSchema,
    description: 'By then the holder must have stopped using it.',
  })
  until!: string;

  protected static of(accountId: ChannelId, { id, version, until }: TakenLease): LeaseDto {
    return { accountId, leaseId: id, version, until: until.toISOString() };
  }
}

/** The right to publish for a while. */
@ApiSchema({ name: 'Lease' })
export class AccessLeaseDto extends LeaseDto {
  @ApiProperty(token)
  accessToken!: string;

  static from(accountId: ChannelId, lease: TakenLease): AccessLeaseDto {
    return { ...LeaseDto.of(accountId, lease), accessToken: lease.tokens.accessToken };
  }
}

/** The right to refresh, which one holder has at a time. */
@ApiSchema({ name: 'RefreshLease' })
export class RefreshLeaseDto extends LeaseDto {
  @ApiProperty(token)
  refreshToken!: string;

  /** The vault refuses a refresh lease where there is no refresh token. */
  static from(accountId: ChannelId, lease: TakenLease): RefreshLeaseDto {
    return { ...LeaseDto.of(accountId, lease), refreshToken: lease.tokens.refreshToken! };
  }
}
