import { Body, Controller, Headers, Post, Res, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { ServicePrincipal } from '@app/access';
import { ConnectChannel } from '@app/commands';
import { Settings } from '@app/config';
import type { ChannelRow } from '@app/domain';
import { CurrentService, HttpProblem, RequestId, RequireScope, ServiceGuard } from '@app/http';
import { ChannelRows } from '@app/queries';
import { ConnectBody } from './connect.dto';

@Controller('internal/v1/channels')
@UseGuards(ServiceGuard)
export class ChannelsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly rows: ChannelRows,
    private readonly settings: Settings,
  ) {}

  /** Answers when the row can be read, or says that it can't be yet: `X-Read-Model: pending`. */
  @Post()
  @RequireScope('connect')
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
