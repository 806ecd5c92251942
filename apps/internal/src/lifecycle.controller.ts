import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ServicePrincipal } from '@app/access';
import { ReauthorizeChannel, ReportAccessRevoked } from '@app/commands';
import type { ChannelId, ChannelRow } from '@app/domain';
import {
  ApiProblems,
  ChannelIdPipe,
  channelIdPattern,
  ChannelRowDto,
  CurrentService,
  RequestId,
  RequireScope,
} from '@app/http';
import { GrantBody } from './grant.dto';

const channelId = { name: 'id', schema: { type: 'string', pattern: channelIdPattern } } as const;
const problems = {
  400: 'Something is missing or malformed.',
  401: 'The credential is missing, unknown or revoked.',
  404: 'There is no such channel.',
  409: 'The channel is disconnected, for good: connect the account anew.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  503: 'A store is away; repeating is safe. See Retry-After.',
};

/** A grant that comes back, or that the platform withdraws. */
@ApiTags('Channels')
@Controller('internal/v1/channels/:id')
export class LifecycleController {
  constructor(private readonly commands: CommandBus) {}

  /** A repeat stores the tokens once more: the last ones stand. */
  @Post('reauthorization')
  @HttpCode(200)
  @RequireScope('connect')
  @ApiOperation({
    summary: 'Gives a channel new tokens: ACTIVE again, under the same id',
    description: 'In any state but DISCONNECTED. Former tokens and their leases are void.',
  })
  @ApiParam(channelId)
  @ApiOkResponse({ type: ChannelRowDto })
  @ApiProblems({ ...problems, 403: 'The credential lacks the scope connect.' })
  reauthorize(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @Body() body: GrantBody,
    @RequestId() requestId: string,
  ): Promise<ChannelRow> {
    return this.commands.execute(new ReauthorizeChannel(id, GrantBody.toGrant(body), requestId));
  }

  /** A repeat changes nothing. */
  @Post('access-revocations')
  @HttpCode(200)
  @RequireScope('refresh')
  @ApiOperation({
    summary: 'Reports that the platform withdrew the grant: REVOKED until it is reauthorized',
  })
  @ApiParam(channelId)
  @ApiOkResponse({ type: ChannelRowDto })
  @ApiProblems({ ...problems, 403: 'The credential lacks the scope refresh.' })
  reportRevoked(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @CurrentService() { credentialId }: ServicePrincipal,
    @RequestId() requestId: string,
  ): Promise<ChannelRow> {
    return this.commands.execute(new ReportAccessRevoked(id, credentialId, requestId));
  }
}
