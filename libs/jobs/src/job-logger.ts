import { Logger as NestLogger } from '@nestjs/common';
import type { LogLevel } from 'graphile-worker';
import { Logger } from 'graphile-worker';

const nest = new NestLogger('jobs');

/**
 * graphile-worker's lines through Nest's logger, without the stacks that it writes into them. What
 * it calls an error is a job that it tries again, or an engine that it waits for.
 */
export const jobLogger = new Logger(() => (level: LogLevel | `${LogLevel}`, message: string) => {
  const [line] = message.split('\n', 1);
  if (level === 'error' || level === 'warning') nest.warn(line);
  else if (level === 'info') nest.debug(line);
});
