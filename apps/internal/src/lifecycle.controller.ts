import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ServicePrincipal } from '@app/access';
import { ReauthorizeChannel, ReportAccessRevoked } from '@app/commands';
import type { ChannelId, ChannelRow } from '@app/domain';
import {
  ApiProblems,
  bodyProblems,
  ChannelIdPipe,
  channelIdSchema,
  ChannelRowDto,
  CurrentService,
  RequestId,
  RequireScope,
} from '@app/http';
import { GrantBody } from './grant.dto';
import { malformed } from './problems';

const channelId = { name: 'id', schema: channelIdSchema } as const;
const problems = {
  ...bodyProblems,
  400: malformed,
  404: { CHANNEL_NOT_FOUND: 'There is no such channel.' },
  409: { CHANNEL_DISCONNECTED: 'For good: connect the account anew.' },
  503: { STORE_UNAVAILABLE: 'A store is away. Repeating is safe.' },
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
  @ApiProblems({
    ...problems,
    409: {
      ...problems[409],
      GRANT_REVOKED: 'Withdrawn on the platform after grantedAt: have the person log in again.',
    },
  })
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
  @ApiProblems(problems)
  reportRevoked(
    @Param('id', ChannelIdPipe) id: ChannelId,
    @CurrentService() { credentialId }: ServicePrincipal,
    @RequestId() requestId: string,
  ): Promise<ChannelRow> {
    return this.commands.execute(new ReportAccessRevoked(id, credentialId, requestId));
  }
}
