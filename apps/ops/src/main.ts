import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { readableMessage } from '@app/observability';
import { OpsModule } from './ops.module';

// commander names the program after its file, which is main.
process.argv[1] = 'ops';

void CommandFactory.run(OpsModule, {
  logger: ['error', 'fatal'],
  cliName: 'ops',
  errorHandler: fail,
  serviceErrorHandler: fail,
  outputConfiguration: {
    // What commander itself has to say about arguments.
    outputError: (text) =>
      complain(`${text.replace(/^error: /, '').trim()}; see --help of the command`),
  },
});

function fail(error: Error & { readonly code?: string; readonly exitCode?: number }): void {
  // commander has said it already, or throws for --help, with nothing to say.
  if (!error.code?.startsWith('commander.')) complain(readableMessage(error));
  process.exit(error.exitCode ?? 1);
}

/** One readable line; a stack helps nobody at a console. */
function complain(line: string): void {
  console.error(`ops: ${line}`);
}
