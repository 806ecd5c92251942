import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@app/access';
import { BulkDisconnect, DisconnectChannel } from '@app/commands';
import type { ChannelRow, Receipt } from '@app/domain';
import {
  ApiProblems,
  channelIdPattern,
  ChannelIdPipe,
  ChannelRowDto,
  CurrentPrincipal,
  RequestId,
  RequirePermission,
} from '@app/http';
import type { ChannelPage, DisconnectPreview } from '@app/queries';
import { GetChannel, GetDisconnection, ListChannels, PreviewDisconnect } from '@app/queries';
import { bulkAnswer } from './bulk-answer';
import { BulkDisconnectBody, BulkResultsDto } from './dto/bulk-disconnect.dto';
import { ChannelPageDto } from './dto/channel-page.dto';
import { DisconnectPreviewDto } from './dto/disconnect-preview.dto';
import { ReceiptDto } from './dto/receipt.dto';
import { ListQuery } from './list-query.dto';

const accountId = { name: 'accountId', schema: { type: 'string', pattern: channelIdPattern } };
const malformed = 'Something is malformed.';
const unauthorized = 'The key is missing, unknown or revoked.';
const unknown = "Unknown, or in a workspace that the key doesn't reach.";
const away = 'A store is away; see Retry-After.';

@ApiTags('Social accounts')
@Controller('api/v1/social-accounts')
export class SocialAccountsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('channel.read')
  @ApiOperation({ summary: 'Lists the accounts that are not DISCONNECTED' })
  @ApiOkResponse({ type: ChannelPageDto })
  @ApiProblems({
    400: malformed,
    401: unauthorized,
    403: "The workspace is out of the key's reach.",
    503: away,
  })
  list(@Query() query: ListQuery, @CurrentPrincipal() principal: Principal): Promise<ChannelPage> {
    const { workspaceId, limit, cursor } = query;
    return this.queries.execute(new ListChannels(principal, workspaceId, limit, cursor));
  }

  @Get(':accountId')
  @RequirePermission('channel.read')
  @ApiOperation({ summary: 'One account, also a DISCONNECTED one' })
  @ApiParam(accountId)
  @ApiOkResponse({ type: ChannelRowDto })
  @ApiProblems({ 400: malformed, 401: unauthorized, 404: unknown, 503: away })
  get(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ChannelRow> {
    return this.queries.execute(new GetChannel(accountId, principal));
  }

  @Delete(':accountId')
  @RequirePermission('channel.disconnect')
  @ApiOperation({ summary: 'Disconnects an account, for good; a repeat answers the same' })
  @ApiParam(accountId)
  @ApiOkResponse({ type: ChannelRowDto, description: 'The row after the flip.' })
  @ApiProblems({
    400: malformed,
    401: unauthorized,
    403: 'Only the owner and the admins of a workspace may do this.',
    404: unknown,
    503: 'A store is away; it may be done already, and repeating is safe. See Retry-After.',
  })
  disconnect(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
    @RequestId() requestId: string,
  ): Promise<ChannelRow> {
    return this.commands.execute(new DisconnectChannel(accountId, principal, requestId));
  }

  @Get(':accountId/disconnect-preview')
  @RequirePermission('channel.read')
  @ApiOperation({ summary: 'What a disconnect would do; writes nothing' })
  @ApiParam(accountId)
  @ApiOkResponse({ type: DisconnectPreviewDto })
  @ApiProblems({
    400: malformed,
    401: unauthorized,
    404: unknown,
    409: 'The account is disconnected already: its disconnection tells what was done.',
    503: away,
  })
  preview(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<DisconnectPreview> {
    return this.queries.execute(new PreviewDisconnect(accountId, principal));
  }

  @Get(':accountId/disconnection')
  @RequirePermission('channel.read')
  @ApiOperation({ summary: 'The receipt of a disconnect: what had to be done, and what is' })
  @ApiParam(accountId)
  @ApiOkResponse({ type: ReceiptDto })
  @ApiProblems({
    400: malformed,
    401: unauthorized,
    404: 'Unknown, out of reach, or still connected.',
    503: away,
  })
  receipt(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Receipt> {
    return this.queries.execute(new GetDisconnection(accountId, principal));
  }

  @Post('bulk-disconnect')
  @RequirePermission('channel.disconnect')
  @HttpCode(200)
  @ApiOperation({ summary: 'Disconnects up to 100 accounts, each for itself; one request' })
  @ApiOkResponse({ type: BulkResultsDto })
  @ApiProblems({
    400: malformed,
    401: unauthorized,
    413: 'The body is too large.',
    415: 'The body is not JSON.',
    503: 'A store is away; some of it may be done already, and repeating is safe. See Retry-After.',
  })
  async disconnectMany(
    @Body() { accountIds }: BulkDisconnectBody,
    @CurrentPrincipal() principal: Principal,
    @RequestId() requestId: string,
  ): Promise<BulkResultsDto> {
    const command = new BulkDisconnect(accountIds, principal, requestId);
    return bulkAnswer(accountIds, await this.commands.execute(command), requestId);
  }
}
