import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { readableMessage } from '@app/observability';
import { exitCodeOf, isCommanders } from './command/exit-codes';
import { OpsModule } from './ops.module';

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

function fail(error: Error): void {
  // commander has said it already, or throws for --help, with nothing to say.
  if (!isCommanders(error)) complain(readableMessage(error));
  process.exit(exitCodeOf(error));
}

/** One readable line; a stack helps nobody at a console. */
function complain(line: string): void {
  console.error(`ops: ${line}`);
}
