import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import type { Commander } from './command/ops-command';
import { OpsModule } from './ops.module';

/** What `--help` prints, under its own heading. */
function helpOf(command: Commander): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

describe('The help of ops', () => {
  let commander: Commander;
  /** Commands that do something, by what is typed for them. */
  let commands: Map<string, Commander>;
  beforeAll(async () => {
    const app = await CommandFactory.createWithoutRunning(OpsModule, { logger: false });
    ({ commander } = app.get(OpsModule));
    commands = new Map(commander.commands.flatMap((command) => leavesOf(command)));
    await app.close();
  });

  function leavesOf(command: Commander, before = ''): [string, Commander][] {
    const typed = `${before}${command.name()}`;
    if (command.commands.length === 0) return [[typed, command]];
    return command.commands.flatMap((child) => leavesOf(child, `${typed} `));
  }

  const flagsOf = (command: Commander): string[] => command.options.map(({ long }) => long!);

  it('says what there is, the exit codes and the environment', () => {
    const help = helpOf(commander);
    expect(help).toMatch(/^Usage: ops \[options\] \[command\]\n/);
    for (const code of [0, 1, 2, 3]) expect(help).toMatch(new RegExp(`\\n {2}${code} {2}\\w`));
    for (const variable of ['DATABASE_URL', 'EVENTSTORE_URL', 'DATA_DIR', 'OPS_ACTOR']) {
      expect(help).toContain(`\n  ${variable} `);
    }
    for (const group of commander.commands) {
      expect([group.name(), group.description()]).toEqual([
        group.name(),
        expect.stringMatching(/\.$/),
      ]);
    }
  });

  it('has an example for each command, which begins as the command is typed', () => {
    for (const [typed, command] of commands) {
      const examples = helpOf(command).match(/^ {2}\$ ops .*$/gm) ?? [];
      expect([typed, examples.length > 0]).toEqual([typed, true]);
      for (const example of examples) {
        expect(example.startsWith(`  $ ops ${typed} `) || example === `  $ ops ${typed}`).toBe(
          true,
        );
        const given = example.match(/--[a-z-]+/g) ?? [];
        expect([example, given.filter((flag) => !flagsOf(command).includes(flag))]).toEqual([
          example,
          [],
        ]);
      }
    }
  });

  it('has --json everywhere, and --dry-run, --actor and --reason on what changes something', () => {
    for (const [typed, command] of commands) {
      const flags = flagsOf(command);
      expect([typed, flags.includes('--json')]).toEqual([typed, true]);
      const isChange = ['--actor', '--reason', '--yes'].some((flag) => flags.includes(flag));
      const needed = isChange ? ['--actor', '--reason', '--dry-run'] : [];
      expect([typed, needed.filter((flag) => !flags.includes(flag))]).toEqual([typed, []]);
      const isInExamples = /--reason/.test(helpOf(command).split('Examples:')[1] ?? '');
      expect([typed, isInExamples]).toEqual([typed, isChange]);
    }
  });

  it.each(['keys revoke', 'skipped discard', 'events recover'])('asks before: %s', (typed) => {
    expect(flagsOf(commands.get(typed)!)).toContain('--yes');
  });
});
