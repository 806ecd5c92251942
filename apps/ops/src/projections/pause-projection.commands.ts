import { SubCommand } from 'nest-commander';
import type { AuditedChange } from '@app/operations';
import { pausing } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';

const argsDescription = { projection: 'channels or receipts' };

/** The answer is whether it was otherwise before. */
abstract class FollowingCommand extends ChangingCommand<boolean> {
  protected abstract readonly paused: boolean;

  protected change([name]: [string], options: ChangeOptions): AuditedChange<boolean> {
    return pausing(this.settings(options), name, this.paused);
  }

  protected report(changed: boolean, [name]: [string]): string[] {
    const state = this.paused ? 'paused' : 'followed';
    return [changed ? `${state}: ${name}` : `${name} is ${state} already`];
  }

  protected toJson(changed: boolean, [name]: [string]): object {
    return { projection: name, paused: this.paused, changed };
  }
}

@SubCommand({
  name: 'pause',
  arguments: '<projection>',
  argsDescription,
  description: 'Have nothing written to its rows until it is resumed.',
})
export class PauseProjectionCommand extends FollowingCommand {
  protected readonly paused = true;
  protected override readonly examples = [
    "projections pause channels --actor ana@example.com --reason 'maintenance of the database'",
  ];
  protected override readonly notes = [
    'When it ends, no write is under way. Reads go on, and grow old but for disconnects: those are seen at\nonce, and their effects go on.',
  ];
}

@SubCommand({
  name: 'resume',
  arguments: '<projection>',
  argsDescription,
  description: 'Have its rows follow the events again, from where they are.',
})
export class ResumeProjectionCommand extends FollowingCommand {
  protected readonly paused = false;
  protected override readonly examples = [
    "projections resume channels --actor ana@example.com --reason 'maintenance is over'",
  ];
}
