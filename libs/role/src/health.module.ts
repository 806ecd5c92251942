import type { DynamicModule } from '@nestjs/common';
import { Controller, Get, HttpStatus, Inject, Module, Res } from '@nestjs/common';
import { Settings } from '@app/config';
import { OpenToAnyone } from '@app/http';
import { readableMessage } from '@app/observability';
import { Readiness } from './readiness';

/** Something that a process can't do without. */
export interface Probe {
  /** As people call it: `PostgreSQL`. */
  readonly name: string;
  /** Resolves when it answers in time; rejects with one readable line when it doesn't. */
  check(timeoutMs: number): Promise<void>;
}

interface Reply {
  status(code: number): unknown;
}

const PROBES = Symbol('probes');

/** `live`: the process runs. `ready`: everything that it needs answers, as soon as callers need it. */
@Controller('health')
class HealthController {
  constructor(
    @Inject(PROBES) private readonly probes: readonly Probe[],
    private readonly readiness: Readiness,
    private readonly settings: Settings,
  ) {}

  @Get('live')
  @OpenToAnyone()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @OpenToAnyone()
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<object> {
    if (this.readiness.isStopping) {
      reply.status(HttpStatus.SERVICE_UNAVAILABLE);
      return { status: 'stopping' };
    }
    const checks = await Promise.all(
      this.probes.map(async ({ name, check }) => ({
        name,
        problem: await check(this.settings.storeTimeoutMs).then(
          () => undefined,
          (error: unknown) => readableMessage(error),
        ),
      })),
    );
    const isReady = checks.every(({ problem }) => problem === undefined);
    if (!isReady) reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return {
      status: isReady ? 'ready' : 'not ready',
      checks: Object.fromEntries(checks.map(({ name, problem }) => [name, problem ?? 'ok'])),
    };
  }
}

@Module({})
export class HealthModule {
  static forRoot(probes: readonly Probe[]): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [Readiness, { provide: PROBES, useValue: probes }],
      exports: [Readiness],
    };
  }
}
