import { SubCommand } from 'nest-commander';
import type { AuditedChange, KekUse } from '@app/operations';
import { rotatingKek } from '@app/operations';
import type { ChangeOptions } from '../command/changing-command';
import { ChangingCommand } from '../command/changing-command';
import type { ProgressBar } from '../command/progress-bar';
import { progressBar } from '../command/progress-bar';
import { table } from '../print';

/** Milliseconds that an operator waits; the rotation itself takes as long as it takes. */
const withinMs = 60_000;

@SubCommand({
  name: 'rotate-kek',
  description:
    'Have an internal process make another key-encryption key and rewrap all under it. Safe to repeat.',
})
export class RotateKekCommand extends ChangingCommand<KekUse[]> {
  protected override readonly examples = [
    "vault rotate-kek --actor ana@example.com --reason 'a laptop with the key file was lost'",
  ];
  protected override readonly notes = [
    'It is waited for a minute, and goes on afterwards all the same. Keys rotate by themselves, too: see\nKEK_ROTATION_HOURS.',
  ];

  protected change(_: string[], options: ChangeOptions): AuditedChange<KekUse[]> {
    let bar: ProgressBar | undefined;
    const onProgress = (done: number, total: number): void => bar?.update(done, total);
    const change = rotatingKek(this.settings(options), { withinMs, onProgress });
    return {
      ...change,
      apply: async (mandate) => {
        bar = progressBar({ what: 'tokens rewrapped', unit: 'channels', json: options.json });
        return change.apply(mandate).finally(() => bar?.stop());
      },
    };
  }

  protected report(uses: KekUse[]): string[] {
    return table(
      ['KEY', 'CHANNELS'],
      uses.map(({ keyId, channels }) => [keyId, String(channels)]),
    );
  }

  protected toJson(uses: KekUse[]): KekUse[] {
    return uses;
  }
}
