import type { DynamicModule } from '@nestjs/common';
import { Controller, Get, HttpStatus, Inject, Module, Res } from '@nestjs/common';
import { OpenToAnyone } from '@app/http';
import { EngineWatch } from './engine-watch';
import type { Probe } from './probes';
import type { BriefHealth, HealthReport } from './readiness';
import { Readiness } from './readiness';

interface Reply {
  status(code: number): unknown;
}

const IS_BRIEF = Symbol('is brief');

/**
 * `live`: the process runs, which is all that a new process could mend: one whose event loop stands
 * still doesn't answer in time, and one whose work has failed for good has ended by itself. Engines
 * have no part in it: a restart brings none back. `ready`: see `HealthReport`.
 */
@Controller('health')
class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(IS_BRIEF) private readonly isBrief: boolean,
  ) {}

  @Get('live')
  @OpenToAnyone()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @OpenToAnyone()
  async ready(
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<HealthReport | BriefHealth | { status: 'stopping' }> {
    const report = await this.report();
    if (report.status !== 'ready') reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }

  /** At once when it is stopping: an engine that hangs must not keep it in a balancer. */
  private report(): ReturnType<HealthController['ready']> {
    const { readiness } = this;
    if (readiness.isStopping) return Promise.resolve({ status: 'stopping' });
    return this.isBrief ? readiness.brief() : readiness.report();
  }
}

@Module({})
export class HealthModule {
  /** @param isBrief callers reach its port, so that it tells nothing of hosts */
  static forRoot(probes: readonly Probe[], isBrief: boolean): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [
        Readiness,
        { provide: EngineWatch, useFactory: () => new EngineWatch(probes) },
        { provide: IS_BRIEF, useValue: isBrief },
      ],
      exports: [Readiness],
    };
  }
}
