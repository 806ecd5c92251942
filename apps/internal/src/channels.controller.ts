import { Body, Controller, Headers, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ServicePrincipal } from '@app/access';
import { ConnectChannel, mayBeDone } from '@app/commands';
import { Settings } from '@app/config';
import type { ChannelRow } from '@app/domain';
import {
  ApiProblems,
  bodyProblems,
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
    schema: {
      type: 'string',
      pattern: '^[!-~]{1,255}$',
      example: '1f0c9d1e-6a0b-4c6f-9b1d-2a4e8f7c3b55',
    },
  })
  @ApiCreatedResponse({
    type: ChannelRowDto,
    headers: {
      'X-Read-Model': {
        description: '`pending` when listings will show the row a moment later.',
        schema: { type: 'string', enum: ['pending'], example: 'pending' },
      },
    },
  })
  @ApiProblems({
    ...bodyProblems,
    400: {
      VALIDATION_FAILED: 'A field is missing, malformed or unknown.',
      IDEMPOTENCY_KEY_REQUIRED: 'The header is missing or malformed.',
      BAD_REQUEST: 'The body is no JSON object.',
    },
    409: {
      ACCOUNT_ALREADY_CONNECTED: 'In this workspace, by accountId.',
      GRANT_REVOKED: 'Withdrawn on the platform after grantedAt: have the person log in again.',
    },
    422: {
      IDEMPOTENCY_KEY_REUSED: 'The key was used with another body.',
      WORKSPACE_NOT_FOUND: 'There is no such workspace.',
      BOARD_WITHOUT_PINTEREST: 'defaultBoardId is for PINTEREST only.',
      META_TOO_LARGE: 'meta has more than 4 KiB.',
      META_TOO_DEEP: 'meta has more than 3 levels.',
      META_HOLDS_CREDENTIAL: 'Something in meta looks like a credential; see path.',
      META_NOT_TEXT: 'A text in meta is none that can be kept; see path.',
    },
    503: {
      STORE_UNAVAILABLE:
        'A store is away. It may be done already, and repeating with the same key is safe.',
    },
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
    const readable = await this.rows
      .waitFor(row.id, this.settings.readModelWaitMs)
      .catch(mayBeDone);
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
