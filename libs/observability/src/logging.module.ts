import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Settings } from '@app/config';
import { toLoggedError } from './readable-error';

/** Structured logs of one process: JSON for machines, readable for people. */
@Module({})
export class LoggingModule {
  static forRoot({ role, logLevel, logFormat }: Settings): DynamicModule {
    return {
      module: LoggingModule,
      imports: [
        LoggerModule.forRoot({
          pinoHttp: {
            level: logLevel,
            base: { role },
            timestamp: () => `,"time":"${new Date().toISOString()}"`,
            formatters: { level: (label) => ({ level: label }) },
            serializers: {
              err: toLoggedError,
              // No header: the authorization is a secret. No body, ever.
              req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
                id,
                method,
                path: url.split('?', 1)[0],
              }),
              res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
            },
            // Probes come every second and say nothing.
            autoLogging: { ignore: ({ url }) => url?.startsWith('/health/') ?? false },
            customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'error' : 'info'),
            ...(logFormat === 'pretty' ? { transport: pretty } : {}),
          },
        }),
      ],
    };
  }
}

const pretty = {
  target: 'pino-pretty',
  options: { singleLine: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname,role' },
};
