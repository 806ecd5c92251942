import type { DynamicModule, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '@app/config';
import { ConfigModule } from '@app/config';
import type { ServedDocument } from '@app/http';
import { createFastifyAdapter, HttpModule, serveDocument } from '@app/http';
import { collectProcessMetrics, LoggingModule } from '@app/observability';
import { PersistenceModule } from '@app/persistence';
import type { Probe } from './probes';
import { HealthModule } from './health.module';
import type { MetricsPlace } from './served-metrics';
import { ServedMetricsModule } from './served-metrics';

/** What runs in a role. */
export interface RoleContent {
  /** The role's own root module. */
  readonly module: Type<unknown>;
  /** Callers wait for it: no statement of its takes longer than STORE_TIMEOUT_MS. */
  readonly answersRequests?: boolean;
  /** Its statements and idle transactions end after WORK_STATEMENT_MS. */
  readonly worksInBatches?: boolean;
  /** See `PersistenceOptions`. */
  readonly leads?: boolean;
  /** The API that it describes itself, and where. */
  readonly document?: ServedDocument;
  /** Nowhere when not said. */
  readonly metrics?: MetricsPlace;
}

/** A role with all that every role has, wired but not listening yet. */
export async function createRole(
  content: RoleContent,
  settings: Settings,
  probes: readonly Probe[],
): Promise<NestFastifyApplication> {
  collectProcessMetrics(settings);
  const app = await NestFactory.create<NestFastifyApplication>(
    rootModule(content, settings, probes),
    createFastifyAdapter(),
    // Silent until the log is there: what goes wrong before is told by its one line.
    { logger: false, abortOnError: false },
  );
  if (content.document) serveDocument(app, content.document);
  return app;
}

function rootModule(
  { module, metrics, answersRequests = false, worksInBatches = false, leads = false }: RoleContent,
  settings: Settings,
  probes: readonly Probe[],
): DynamicModule {
  return {
    module: Root,
    imports: [
      ConfigModule.forRoot(settings),
      LoggingModule.forRoot(settings),
      PersistenceModule.forRoot({ answersRequests, worksInBatches, leads }),
      HealthModule.forRoot(probes, answersRequests),
      HttpModule,
      ...(metrics ? [ServedMetricsModule.at(metrics)] : []),
      module,
    ],
  };
}

@Module({})
class Root {}
