import { Controller, Delete, Get, Param, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Principal } from '@app/access';
import { DisconnectChannel } from '@app/commands';
import type { ChannelRow, Receipt } from '@app/domain';
import { ApiKeyGuard, ChannelIdPipe, CurrentPrincipal, RequestId } from '@app/http';
import type { ChannelPage } from '@app/queries';
import { GetChannel, GetDisconnection, ListChannels } from '@app/queries';
import { ListQuery } from './list-query.dto';

@Controller('api/v1/social-accounts')
@UseGuards(ApiKeyGuard)
export class SocialAccountsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  list(@Query() query: ListQuery, @CurrentPrincipal() principal: Principal): Promise<ChannelPage> {
    const { workspaceId, limit, cursor } = query;
    return this.queries.execute(new ListChannels(principal, workspaceId, limit, cursor));
  }

  @Get(':accountId')
  get(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ChannelRow> {
    return this.queries.execute(new GetChannel(accountId, principal));
  }

  @Delete(':accountId')
  disconnect(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
    @RequestId() requestId: string,
  ): Promise<ChannelRow> {
    return this.commands.execute(new DisconnectChannel(accountId, principal, requestId));
  }

  @Get(':accountId/disconnection')
  receipt(
    @Param('accountId', ChannelIdPipe) accountId: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Receipt> {
    return this.queries.execute(new GetDisconnection(accountId, principal));
  }
}
