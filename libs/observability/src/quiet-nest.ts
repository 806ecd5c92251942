import type { LoggerService } from '@nestjs/common';

/** Nest tells under these names how it puts itself together, in some sixty lines at each start. */
const wiring: readonly unknown[] = [
  'NestFactory',
  'NestApplication',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
];

type Method = 'log' | 'error' | 'warn' | 'debug' | 'verbose' | 'fatal';

/** The same logger, for which that is debug: no operator asks about it. */
export function quietAboutWiring(logger: LoggerService): LoggerService {
  const pass =
    (method: Method) =>
    (message: unknown, ...rest: unknown[]): void => {
      const isWiring = method === 'log' && wiring.includes(rest.at(-1));
      logger[isWiring ? 'debug' : method]?.(message, ...rest);
    };
  return {
    log: pass('log'),
    error: pass('error'),
    warn: pass('warn'),
    debug: pass('debug'),
    verbose: pass('verbose'),
    fatal: pass('fatal'),
  };
}
