import { Injectable } from '@nestjs/common';
import type { ICommand } from '@nestjs/cqrs';
import { CommandBus } from '@nestjs/cqrs';
import { DomainError } from '@app/domain';
import { counter, histogram } from '@app/observability';
import { VaultError } from '@app/token-vault';
import { CommandError } from './command-errors';

const commands = counter({
  name: 'postbreeze_commands_total',
  help: 'Commands by outcome: done, refused (code: by which rule), or failed, mostly by a store that is away.',
  labels: ['command', 'outcome', 'code'],
});

const seconds = histogram({
  name: 'postbreeze_command_duration_seconds',
  help: 'What a command takes, whatever its outcome.',
  labels: ['command'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});

/**
 * Counts and times every command of this process. The bus has no place for what stands around its
 * handlers, so its call itself is wrapped.
 */
@Injectable()
export class CommandMetrics {
  constructor(bus: CommandBus) {
    const execute = bus.execute.bind(bus) as (command: ICommand) => Promise<never>;
    bus.execute = (command: ICommand) => measured(command.constructor.name, () => execute(command));
  }
}

async function measured<T>(command: string, execute: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    const result = await execute();
    commands.inc({ command, outcome: 'done', code: '' });
    return result;
  } catch (error) {
    commands.inc({ command, ...outcomeOf(error) });
    throw error;
  } finally {
    seconds.observe({ command }, (performance.now() - begun) / 1_000);
  }
}

/** Only codes of ours are shown: others are as many as their authors like. */
export function outcomeOf(error: unknown): { outcome: 'refused' | 'failed'; code: string } {
  const isRefusal =
    error instanceof CommandError || error instanceof DomainError || error instanceof VaultError;
  return isRefusal ? { outcome: 'refused', code: error.code } : { outcome: 'failed', code: '' };
}
