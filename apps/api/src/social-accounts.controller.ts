import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@app/access';
import { BulkDisconnect, DisconnectChannel } from '@app/commands';
import type { ChannelRow } from '@app/domain';
import {
  ApiProblems,
  bodyProblems,
  channelIdSchema,
  ChannelIdPipe,
  ChannelRowDto,
  CurrentPrincipal,
  DisconnectedRowDto,
  RequestId,
  RequirePermission,
} from '@app/http';
import type { ChannelPage, DisconnectPreview } from '@app/queries';
import { GetChannel, GetDisconnection, ListChannels, PreviewDisconnect } from '@app/queries';
import type { SignedReceipt } from '@app/receipts';
import { ReceiptSigner } from '@app/receipts';
import { bulkAnswer } from './bulk-answer';
import { BulkDisconnectBody, BulkResultsDto } from './dto/bulk-disconnect.dto';
import { ChannelPageDto } from './dto/channel-page.dto';
import { DisconnectPreviewDto } from './dto/disconnect-preview.dto';
import { ReceiptDto } from './dto/receipt.dto';
import { ListQuery } from './list-query.dto';

const accountId = { name: 'accountId', schema: channelIdSchema };
const malformedId = {
  MALFORMED_ID: 'The id is not soc_ and 26 characters of a ULID.',
  VALIDATION_FAILED: 'There is a field that the route does not ask for.',
  BAD_REQUEST: 'The request is malformed.',
};
const unknown = {
  CHANNEL_NOT_FOUND: "Unknown, or in a workspace that the key doesn't reach.",
};
const away = { STORE_UNAVAILABLE: 'A store is away.' };
const maybeDone = {
  STORE_UNAVAILABLE: 'A store is away. It may be done already, and repeating is safe.',
};

@ApiTags('Social accounts')
@Controller('api/v1/social-accounts')
export class SocialAccountsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly signer: ReceiptSigner,
  ) {}

  @Get()
  @RequirePermission('channel.read')
  @ApiOperation({ summary: 'Lists the accounts that are not DISCONNECTED' })
  @ApiOkResponse({ type: ChannelPageDto })
  @ApiProblems({
    400: {
      VALIDATION_FAILED: 'A field is malformed or unknown.',
      BAD_CURSOR: 'The cursor is none that a listing gave out.',
    },
    403: { WORKSPACE_OUT_OF_REACH: "The workspace is out of the key's reach." },
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
  @ApiProblems({ 400: malformedId, 404: unknown, 503: away })
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
  @ApiOkResponse({ type: DisconnectedRowDto })
  @ApiProblems({
    ...bodyProblems,
    400: malformedId,
    403: { ROLE_TOO_LOW: 'Only the owner and the admins of a workspace may do this.' },
    404: unknown,
    503: maybeDone,
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
    400: malformedId,
    404: unknown,
    409: { ALREADY_DISCONNECTED: 'Its disconnection tells what was done.' },
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
    400: malformedId,
    404: { ...unknown, NOT_DISCONNECTED: 'The account is still connected.' },
    503: away,
  })
  async receipt(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<SignedReceipt> {
    const receipt = await this.queries.execute(new GetDisconnection(accountId, principal));
    return this.signer.sign(receipt);
  }

  @Post('bulk-disconnect')
  @RequirePermission('channel.disconnect')
  @HttpCode(200)
  @ApiOperation({ summary: 'Disconnects up to 100 accounts, each for itself; one request' })
  @ApiOkResponse({ type: BulkResultsDto })
  @ApiProblems({
    ...bodyProblems,
    400: {
      VALIDATION_FAILED: 'A field is missing, malformed or unknown.',
      BAD_REQUEST: 'The body is no JSON object.',
    },
    503: { STORE_UNAVAILABLE: 'No account could be ended. Some may be, and repeating is safe.' },
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
