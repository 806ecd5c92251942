import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { WrongUsage } from '@app/operations';
import type { Commander } from './command/ops-command';
import { OpsModule } from './ops.module';

/** Every command that changes what is stored, as it may be typed. A new one is added to one of the lists. */
const changes = [
  'setup',
  'workspaces create Acme',
  'workspaces admit ws_1 --role OWNER',
  'keys mint --user usr_1',
  'keys revoke key_1',
  'parked redrive message:1',
  'skipped discard 1',
  'projections replay channels',
  'projections verify channels --repair',
  'projections swap channels',
  'projections rollback channels',
  'projections pause channels',
  'projections resume channels',
  'projections prune channels',
  'vault rotate-kek',
  'events recover',
];
/** These write a file, and need no database that could be audited. */
const files = ['vault create-keys', 'receipts create-keys', 'receipts rotate-keys'];
const looks = [
  'audit list',
  'channels show',
  'disconnections list',
  'disconnections receipt',
  'events lost',
  'keys list',
  'parked list',
  'parked show',
  'projections list',
  'projections status',
  'receipts verify',
  'skipped list',
  'skipped show',
];

/** What `--help` prints, under its own heading. */
function helpOf(command: Commander): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

describe('The command line of ops', () => {
  let commander: Commander;
  /** Commands that do something, by what is typed for them. */
  let commands: Map<string, Commander>;
  beforeAll(async () => {
    // One that isn't refused comes to nobody's database.
    Object.assign(process.env, {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      OPS_ACTOR: '',
    });
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
  const common = ['--actor', '--dry-run', '--json', '--reason'];

  /** The command alone, of all that is typed. */
  function nameOf(typed: string): string {
    return [...commands.keys()].find((name) => `${typed} `.startsWith(`${name} `)) ?? typed;
  }

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
    const changing = changes.map((typed) => nameOf(typed));
    expect([...commands.keys()].sort()).toEqual([...changing, ...files, ...looks].sort());
    for (const [typed, command] of commands) {
      const flags = flagsOf(command).filter((flag) => common.includes(flag));
      const isChange = changing.includes(typed);
      const expected = isChange
        ? common
        : files.includes(typed)
          ? ['--dry-run', '--json']
          : ['--json'];
      expect([typed, flags.sort()]).toEqual([typed, expected]);
      const isInExamples = /--reason/.test(helpOf(command).split('Examples:')[1] ?? '');
      expect([typed, isInExamples]).toEqual([typed, isChange]);
    }
  });

  it.each(changes)('refuses before anything else what nobody answers for: %s', async (typed) => {
    const refused = commander.parseAsync(typed.split(' '), { from: 'user' });
    await expect(refused).rejects.toThrow(WrongUsage);
    await expect(refused).rejects.toThrow(
      'Say who changes this and why: give --actor <who> (or set OPS_ACTOR) and --reason <why>',
    );
  });

  it.each(['keys revoke', 'skipped discard', 'projections prune', 'events recover'])(
    'asks before: %s',
    (typed) => {
      expect(flagsOf(commands.get(typed)!)).toContain('--yes');
    },
  );
});
