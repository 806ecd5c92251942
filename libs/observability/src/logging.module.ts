import type { Writable } from 'node:stream';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Settings } from '@app/config';
import { toLoggedError } from './readable-error';
import { readableForm, showsColors } from './readable-lines';
import { traceIds } from './tracing/spans';
import { isTracing } from './tracing/start-tracing';

/** Structured logs of one process: JSON for machines, readable for people. */
@Module({})
export class LoggingModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: LoggingModule,
      imports: [
        LoggerModule.forRootAsync({
          useFactory: async () => ({
            pinoHttp: [logOptions(settings), await outputOf(settings.logFormat)],
            // Requests are logged where they are answered (libs/http), none by a middleware.
            forRoutes: [],
          }),
        }),
      ],
    };
  }
}

/** What is logged, and in which form, wherever it goes. */
export function logOptions({ role, logLevel }: Pick<Settings, 'role' | 'logLevel'>) {
  return {
    level: logLevel,
    base: { role },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    // Our serializers get what is logged itself: pino-http would hand them copies of its own, and
    // a copy of an error has no type, but all that TypeORM attached to it.
    wrapSerializers: false,
    serializers: { err: toLoggedError },
    ...(isTracing() ? { mixin: traceIds } : {}),
  };
}

/**
 * Standard output as Node has it. pino's own writer waits in a blocking loop at the end of the
 * process when the reader of a pipe is gone: a role whose supervisor was killed would never end.
 */
async function outputOf(logFormat: string): Promise<Writable> {
  process.stdout.on('error', () => undefined);
  if (logFormat !== 'pretty') return process.stdout;
  const { default: pretty } = await import('pino-pretty');
  const isColored = showsColors(process.stdout, process.env);
  return pretty({ ...readableForm(isColored), destination: process.stdout });
}
