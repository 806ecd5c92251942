import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { redriveParked } from '@app/operations';
import { jsonFlag, printJson } from '../print';

@SubCommand({
  name: 'redrive',
  arguments: '<id>',
  description: 'Have it tried again, once its cause is mended; the id is of `parked list`.',
})
export class RedriveParkedCommand extends CommandRunner {
  async run([id]: [string], { json }: { json?: boolean }): Promise<void> {
    await redriveParked(loadSettings('ops'), id);
    if (json) return printJson({ redriven: id });
    console.log(`redriven: ${id}`);
  }

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}
