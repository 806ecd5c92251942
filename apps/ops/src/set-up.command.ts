import { Command } from 'nest-commander';
import type { AuditedChange, SetUpReport } from '@app/operations';
import { settingUp } from '@app/operations';
import type { ChangeOptions } from './command/changing-command';
import { ChangingCommand } from './command/changing-command';

@Command({
  name: 'setup',
  description: 'Migrate the database and create the Kafka topics. Safe to repeat.',
})
export class SetUpCommand extends ChangingCommand<SetUpReport> {
  protected override readonly examples = [
    'setup --dry-run',
    "setup --actor ana@example.com --reason 'release 1.4'",
  ];
  protected override readonly notes = [
    'Run it before the processes of a new release are started. There may be no audit before it: what it\nhas changed is written down afterwards.',
  ];

  protected change(_: string[], options: ChangeOptions): AuditedChange<SetUpReport> {
    return settingUp(this.settings(options, 'ops setup'));
  }

  protected report({ migrations, topics }: SetUpReport): string[] {
    if (migrations.length + topics.length === 0) return ['nothing to do'];
    return [
      ...migrations.map((name) => `migrated: ${name}`),
      ...topics.map((name) => `created topic: ${name}`),
    ];
  }

  protected toJson(report: SetUpReport): SetUpReport {
    return report;
  }
}
