import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { readableMessage } from '@app/observability';
import { OpsModule } from './ops.module';

void CommandFactory.run(OpsModule, {
  logger: ['error', 'fatal'],
  cliName: 'ops',
  errorHandler: fail,
  serviceErrorHandler: fail,
});

/** One readable line; a stack helps nobody at a console. */
function fail(error: Error): void {
  // commander throws for --help too, with nothing to say.
  if (error.message !== '(outputHelp)') console.error(`ops: ${readableMessage(error)}`);
  process.exit((error as { exitCode?: number }).exitCode ?? 1);
}
