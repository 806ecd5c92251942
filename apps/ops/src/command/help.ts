/** What stands under the options of a command, or under the commands of a group. */
export function helpOf(command: object): () => string {
  return () => {
    const { notes = [], examples = [] } = command as {
      notes?: readonly string[];
      examples?: readonly string[];
    };
    const lines = examples.map((line) => `  $ ops ${line}`);
    return [
      ...notes.map((note) => `\n${note}`),
      ...(lines.length > 0 ? ['\nExamples:', ...lines] : []),
      '\nExit codes and environment: ops --help',
    ].join('\n');
  };
}

/** What `ops --help` says under its commands. */
export const opsHelp = `
Every command has a --help with examples, and --json for programs. What changes something needs
--actor (or OPS_ACTOR) and --reason, which are kept for good (ops audit list); with --dry-run it only
says what it would do. What destroys something, or records it again, asks first, or takes --yes.

Exit codes:
  0  done, also when there was nothing to list or to do
  1  failed: an engine is away, something was refused, a check is not ok
  2  wrong usage: the arguments or the settings can't be used
  3  nothing was done: there is nothing of that name, or nobody confirmed it

Environment (also in .env of the current folder):
  DATABASE_URL    the database; where it isn't set, the local stack that runs (npm start) is used
  EVENTSTORE_URL  the event store, for what is read from streams
  KAFKA_BROKERS   Kafka, for setup
  DATA_DIR        the data folder of the local stack; .data unless set
  OPS_ACTOR       who you are, in place of --actor

Examples:
  $ ops setup --actor ana@example.com --reason 'release 1.4'
  $ ops parked list --json
  $ ops keys revoke key_… --actor ana@example.com --reason 'leaked in a log'`;
