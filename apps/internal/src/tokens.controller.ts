import { Body, Controller, Header, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ServicePrincipal } from '@app/access';
import type { ReportedRefresh } from '@app/commands';
import { LeaseTokens, ReportRefresh } from '@app/commands';
import type { ChannelId } from '@app/domain';
import {
  ApiProblems,
  bodyProblems,
  ChannelIdPipe,
  channelIdSchema,
  CurrentService,
  RequestId,
  RequireScope,
} from '@app/http';
import { AccessLeaseDto, RefreshLeaseDto } from './lease.dto';
import { malformed } from './problems';
import { RefreshReportBody, refreshReports, ReportedRefreshDto } from './token-refresh.dto';

const channelId = { name: 'id', schema: channelIdSchema } as const;
const problems = {
  ...bodyProblems,
  400: malformed,
  404: { CHANNEL_NOT_FOUND: 'There is no such channel.' },
};
const ended = {
  CHANNEL_DISCONNECTED: 'For good.',
  REAUTHORIZATION_REQUIRED: 'The channel is TOKEN_EXPIRED or REVOKED.',
};
const notLeasable = {
  ...ended,
  TOKEN_UNREADABLE: 'The key that sealed the tokens is gone: reauthorize the channel.',
};
const leasesClosed = {
  STORE_UNAVAILABLE: 'A store is away.',
  LEASES_CLOSED: 'The registry has not caught up with the streams since the start.',
};

/** The only two answers that ever hold a token, and the report of how a refresh went. */
@ApiTags('Tokens')
@Controller('internal/v1/channels/:id')
export class TokensController {
  constructor(private readonly commands: CommandBus) {}

  /** Anything but a live, publishable channel is refused, at once after a disconnect. */
  @Post('leases')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @RequireScope('lease')
  @ApiOperation({
    summary: 'Leases the access token, to publish with',
    description: '5 minutes at most, and never longer than the token lives.',
  })
  @ApiParam(channelId)
  @ApiOkResponse({ type: AccessLeaseDto })
  @ApiProblems({
    ...problems,
    409: { ...notLeasable, ACCESS_TOKEN_EXPIRED: 'Refresh it first.' },
    503: leasesClosed,
  })
  async lease(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @CurrentService() { credentialId }: ServicePrincipal,
    @RequestId() requestId: string,
  ): Promise<AccessLeaseDto> {
    const lease = await this.commands.execute(
      new LeaseTokens('access', id, credentialId, requestId),
    );
    return AccessLeaseDto.from(id, lease);
  }

  /** One holder at a time, for 60 s or until it has reported. */
  @Post('refresh-leases')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @RequireScope('refresh')
  @ApiOperation({ summary: 'Leases the refresh token, to one holder at a time' })
  @ApiParam(channelId)
  @ApiOkResponse({ type: RefreshLeaseDto })
  @ApiProblems({
    ...problems,
    409: {
      ...notLeasable,
      NO_REFRESH_TOKEN: 'The platform gave none.',
      REFRESH_LEASE_HELD: 'By somebody else, until heldUntil.',
    },
    503: leasesClosed,
  })
  async leaseRefresh(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @CurrentService() { credentialId }: ServicePrincipal,
    @RequestId() requestId: string,
  ): Promise<RefreshLeaseDto> {
    const lease = await this.commands.execute(
      new LeaseTokens('refresh', id, credentialId, requestId),
    );
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
  @ApiBody({ type: RefreshReportBody, examples: refreshReports })
  @ApiOkResponse({ type: ReportedRefreshDto })
  @ApiProblems({
    ...problems,
    400: malformed,
    409: {
      ...ended,
      TOKEN_VERSION_MISMATCH: 'The tokens were replaced since; nothing is stored.',
    },
    503: {
      STORE_UNAVAILABLE:
        'A store is away. It may be done already, and repeating the same report is safe.',
    },
  })
  report(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @Body() body: RefreshReportBody,
    @CurrentService() { credentialId }: ServicePrincipal,
    @RequestId() requestId: string,
  ): Promise<ReportedRefresh> {
    const report = RefreshReportBody.toReport(body);
    const reporter = { credentialId, leaseId: body.leaseId ?? null };
    return this.commands.execute(new ReportRefresh(id, report, reporter, requestId));
  }
}
