import { Command, CommandRunner } from 'nest-commander';
import { loadSettings } from '@app/config';
import { setUp } from '@app/operations';

@Command({
  name: 'setup',
  description: 'Migrate the database and create the Kafka topics. Safe to repeat.',
})
export class SetUpCommand extends CommandRunner {
  async run(): Promise<void> {
    const report = await setUp(loadSettings('ops setup'));
    for (const name of report.migrations) console.log(`migrated: ${name}`);
    for (const name of report.topics) console.log(`created topic: ${name}`);
    if (report.migrations.length + report.topics.length === 0) console.log('nothing to do');
  }
}
