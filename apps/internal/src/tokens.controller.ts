import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ServicePrincipal } from '@app/access';
import type { ReportedRefresh } from '@app/commands';
import { LeaseTokens, ReportRefresh } from '@app/commands';
import type { ChannelId } from '@app/domain';
import {
  ApiProblems,
  ChannelIdPipe,
  channelIdPattern,
  CurrentService,
  RequestId,
  RequireScope,
} from '@app/http';
import { AccessLeaseDto, RefreshLeaseDto } from './lease.dto';
import { RefreshReportBody, ReportedRefreshDto } from './token-refresh.dto';

const channelId = { name: 'id', schema: { type: 'string', pattern: channelIdPattern } } as const;
const problems = {
  400: 'Something is missing or malformed.',
  401: 'The credential is missing, unknown or revoked.',
  404: 'There is no such channel.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
};
const notLeasable =
  'CHANNEL_DISCONNECTED (for good), REAUTHORIZATION_REQUIRED, TOKEN_UNREADABLE (until reauthorized)';
const leasesClosed =
  'A store is away, or leases are closed until the registry has caught up. See Retry-After.';

/** The only two answers that ever hold a token, and the report of how a refresh went. */
@ApiTags('Tokens')
@Controller('internal/v1/channels/:id')
export class TokensController {
  constructor(private readonly commands: CommandBus) {}

  /** Anything but a live, publishable channel is refused, at once after a disconnect. */
  @Post('leases')
  @HttpCode(200)
  @RequireScope('lease')
  @ApiOperation({
    summary: 'Leases the access token, to publish with',
    description: '5 minutes at most, and never longer than the token lives.',
  })
  @ApiParam(channelId)
  @ApiOkResponse({ type: AccessLeaseDto })
  @ApiProblems({
    ...problems,
    403: 'The credential lacks the scope lease.',
    409: `${notLeasable}, or ACCESS_TOKEN_EXPIRED (refresh it first).`,
    503: leasesClosed,
  })
  async lease(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @CurrentService() { credentialId }: ServicePrincipal,
  ): Promise<AccessLeaseDto> {
    const lease = await this.commands.execute(new LeaseTokens('access', id, credentialId));
    return AccessLeaseDto.from(id, lease);
  }

  /** One holder at a time, for 60 s or until it has reported. */
  @Post('refresh-leases')
  @HttpCode(200)
  @RequireScope('refresh')
  @ApiOperation({ summary: 'Leases the refresh token, to one holder at a time' })
  @ApiParam(channelId)
  @ApiOkResponse({ type: RefreshLeaseDto })
  @ApiProblems({
    ...problems,
    403: 'The credential lacks the scope refresh.',
    409: `${notLeasable}, NO_REFRESH_TOKEN, or REFRESH_LEASE_HELD (see heldUntil).`,
    503: leasesClosed,
  })
  async leaseRefresh(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @CurrentService() { credentialId }: ServicePrincipal,
  ): Promise<RefreshLeaseDto> {
    const lease = await this.commands.execute(new LeaseTokens('refresh', id, credentialId));
    return RefreshLeaseDto.from(id, lease);
  }

  /** The same report again answers the same. */
  @Post('token-refreshes')
  @HttpCode(200)
  @RequireScope('refresh')
  @ApiOperation({
    summary: 'Reports how a refresh went: new tokens, or a failure',
    description: 'The same failure again is recorded once an hour.',
  })
  @ApiParam(channelId)
  @ApiOkResponse({ type: ReportedRefreshDto })
  @ApiProblems({
    ...problems,
    403: 'The credential lacks the scope refresh.',
    409: 'CHANNEL_DISCONNECTED (for good), REAUTHORIZATION_REQUIRED, or TOKEN_VERSION_MISMATCH (the tokens were replaced since). Nothing is stored.',
    503: 'A store is away; repeating the same report is safe. See Retry-After.',
  })
  report(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @Body() body: RefreshReportBody,
    @CurrentService() { credentialId }: ServicePrincipal,
    @RequestId() requestId: string,
  ): Promise<ReportedRefresh> {
    const report = RefreshReportBody.toReport(body);
    return this.commands.execute(new ReportRefresh(id, report, credentialId, requestId));
  }
}
