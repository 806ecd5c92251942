import { CommandRunner } from 'nest-commander';
import { WrongUsage } from '@app/operations';
import { helpOf } from './help';
import type { Commander } from './ops-command';

/** A word with commands of its own: alone it shows what there is. */
export abstract class GroupCommand extends CommandRunner {
  /** What the group is about, a paragraph each. */
  protected readonly notes: readonly string[] = [];
  protected readonly examples: readonly string[] = [];

  override setCommand(command: Commander): this {
    command.exitOverride().addHelpText('after', helpOf(this));
    return super.setCommand(command);
  }

  async run([unknown]: string[]): Promise<void> {
    if (unknown !== undefined) {
      const group = this.command.name();
      throw new WrongUsage(`unknown command '${group} ${unknown}'; see ops ${group} --help`);
    }
    this.command.help();
  }
}
