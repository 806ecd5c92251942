import { Body, Controller, Headers, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ServicePrincipal } from '@app/access';
import { ConnectChannel } from '@app/commands';
import { Settings } from '@app/config';
import type { ChannelRow } from '@app/domain';
import {
  ApiProblems,
  ChannelRowDto,
  CurrentService,
  HttpProblem,
  RequestId,
  RequireScope,
} from '@app/http';
import { ChannelRows } from '@app/queries';
import { ConnectBody } from './connect.dto';

@ApiTags('Channels')
@Controller('internal/v1/channels')
export class ChannelsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly rows: ChannelRows,
    private readonly settings: Settings,
  ) {}

  /** Answers when the row can be read, or says that it can't be yet: `X-Read-Model: pending`. */
  @Post()
  @RequireScope('connect')
  @ApiOperation({ summary: 'Connects an account as a new channel' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: 'The same key with the same body answers the same row.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  })
  @ApiCreatedResponse({
    type: ChannelRowDto,
    headers: {
      'X-Read-Model': {
        description: '`pending` when listings will show the row a moment later.',
        schema: { type: 'string', enum: ['pending'] },
      },
    },
  })
  @ApiProblems({
    400: 'Something is missing or malformed.',
    401: 'The credential is missing, unknown or revoked.',
    403: 'The credential lacks the scope connect.',
    409: 'That account is already connected in this workspace, by accountId.',
    413: 'The body is too large.',
    415: 'The body is not JSON.',
    422: 'The Idempotency-Key was used with another body, or meta is out of bounds (see path).',
    503: 'A store is away; repeating with the same key is safe. See Retry-After.',
  })
  async connect(
    @Body() body: ConnectBody,
    @Headers('idempotency-key') key: string | undefined,
    @CurrentService() { credentialId }: ServicePrincipal,
    @RequestId() requestId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ChannelRow> {
    const idempotency = { credentialId, key: checkedKey(key) };
    const row = await this.commands.execute(
      new ConnectChannel(ConnectBody.toAccount(body), idempotency, requestId),
    );
    const readable = await this.rows.waitFor(row.id, this.settings.readModelWaitMs);
    if (!readable) void reply.header('x-read-model', 'pending');
    return row;
  }
}

function checkedKey(key: string | undefined): string {
  if (key !== undefined && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new HttpProblem(
    400,
    'IDEMPOTENCY_KEY_REQUIRED',
    'Send an Idempotency-Key of 1 to 255 visible characters, a new one for each new connect',
  );
}
