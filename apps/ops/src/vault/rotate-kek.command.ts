import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { loadSettings } from '@app/config';
import { rotateKek } from '@app/operations';
import { jsonFlag, printJson, printTable } from '../print';

/** Milliseconds that an operator waits; the rotation itself takes as long as it takes. */
const withinMs = 60_000;

@SubCommand({
  name: 'rotate-kek',
  description:
    'Have an internal process make another key-encryption key and rewrap all under it. Safe to repeat.',
})
export class RotateKekCommand extends CommandRunner {
  async run(_: string[], { json }: { json?: boolean }): Promise<void> {
    const uses = await rotateKek(loadSettings('ops'), withinMs);
    if (json) return printJson(uses);
    printTable(
      ['KEY', 'CHANNELS'],
      uses.map(({ keyId, channels }) => [keyId, String(channels)]),
    );
  }

  @Option(jsonFlag)
  json(): boolean {
    return true;
  }
}
