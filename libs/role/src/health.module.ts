import type { DynamicModule } from '@nestjs/common';
import { Controller, Get, HttpStatus, Inject, Module, Res } from '@nestjs/common';
import { OpenToAnyone } from '@app/http';
import { EngineWatch } from './engine-watch';
import type { Probe } from './probes';
import type { BriefHealth, HealthReport, Stopping } from './readiness';
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
  ): Promise<HealthReport | BriefHealth | Stopping> {
    const answer = await this.readiness.answer(this.isBrief);
    if (answer.status !== 'ready') reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return answer;
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
