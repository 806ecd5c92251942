import { CommandRunner, Option } from 'nest-commander';
import type { OperatorRole, Settings } from '@app/config';
import { armFailpoint } from '@app/config';
import { operatorSettings } from '@app/operations';
import { helpOf } from './help';

/** A command as commander has it. */
export type Commander = Parameters<CommandRunner['setCommand']>[0];

/** What every command takes. */
export interface OpsOptions {
  readonly json?: boolean;
}

/** A command: parses what was typed, has it done in libs/operations, and prints what came of it. */
export abstract class OpsCommand extends CommandRunner {
  /** Shown under the options by `--help`: command lines that work as they are. */
  protected readonly examples: readonly string[] = [];
  /** What one must know before using it, a paragraph each. */
  protected readonly notes: readonly string[] = [];

  override setCommand(command: Commander): this {
    // Throws where commander would end the process itself, with an exit code of its own.
    command.exitOverride().allowExcessArguments(false).addHelpText('after', helpOf(this));
    return super.setCommand(command);
  }

  @Option({ flags: '--json', description: 'print one line of JSON, for programs' })
  json(): boolean {
    return true;
  }

  /** Those that are given, or of the local stack that runs: then a line on stderr says so. */
  protected settings({ json }: OpsOptions, role: OperatorRole = 'ops'): Settings {
    const settings = operatorSettings(role, (line) => {
      if (!json) console.error(`ops: ${line}`);
    });
    armFailpoint(settings.failpoint, settings.failpointOf);
    return settings;
  }
}
