import type { OnModuleInit } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { ICommand } from '@nestjs/cqrs';
import { CommandBus } from '@nestjs/cqrs';
import { inSpan, isTracing } from '@app/observability';

/**
 * A span around each command, below the request that gave it. The bus has no place for what stands around
 * its handlers, so its call itself is wrapped; not while tracing is off.
 */
@Injectable()
export class TracedCommands implements OnModuleInit {
  constructor(private readonly bus: CommandBus) {}

  onModuleInit(): void {
    if (!isTracing()) return;
    const execute = this.bus.execute.bind(this.bus) as (command: ICommand) => Promise<never>;
    this.bus.execute = (command: ICommand) => {
      const { channelId } = command as { channelId?: string };
      const attributes = { 'postbreeze.channel.id': channelId };
      return inSpan({ name: command.constructor.name, attributes }, () => execute(command));
    };
  }
}
