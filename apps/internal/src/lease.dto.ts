import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ChannelId } from '@app/domain';
import { channelIdPattern } from '@app/http';
import type { TakenLease } from '@app/token-vault';

class LeaseDto {
  @ApiProperty({ type: 'string', pattern: channelIdPattern })
  accountId!: ChannelId;

  @ApiProperty({ type: 'string', pattern: '^lease_[0-7][0-9A-HJKMNP-TV-Z]{25}$' })
  leaseId!: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'Of the tokens in the vault.' })
  version!: number;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
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
  @ApiProperty({ type: 'string', description: 'Keep it in memory only, and log it nowhere.' })
  accessToken!: string;

  static from(accountId: ChannelId, lease: TakenLease): AccessLeaseDto {
    return { ...LeaseDto.of(accountId, lease), accessToken: lease.tokens.accessToken };
  }
}

/** The right to refresh, which one holder has at a time. */
@ApiSchema({ name: 'RefreshLease' })
export class RefreshLeaseDto extends LeaseDto {
  @ApiProperty({ type: 'string', description: 'Keep it in memory only, and log it nowhere.' })
  refreshToken!: string;

  /** The vault refuses a refresh lease where there is no refresh token. */
  static from(accountId: ChannelId, lease: TakenLease): RefreshLeaseDto {
    return { ...LeaseDto.of(accountId, lease), refreshToken: lease.tokens.refreshToken! };
  }
}
