import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Settings } from '@app/config';
import { dataSourceOptions } from './data-source';

export interface PersistenceOptions {
  /** Somebody waits for this process's answers: no statement takes longer than they wait. */
  readonly answersRequests?: boolean;
}

/** The process's one data source; each room registers its own entities with `forFeature`. */
@Module({})
export class PersistenceModule {
  static forRoot({ answersRequests = false }: PersistenceOptions = {}): DynamicModule {
    return {
      module: PersistenceModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Settings],
          useFactory: (settings: Settings) => ({
            ...dataSourceOptions(settings.databaseUrl, {
              size: settings.databasePoolSize,
              timeoutMs: settings.storeTimeoutMs,
              ...(answersRequests ? { statementTimeoutMs: settings.storeTimeoutMs } : {}),
            }),
            autoLoadEntities: true,
            // The start has probed the engine already, and says in one line what is wrong.
            retryAttempts: 0,
          }),
        }),
      ],
    };
  }
}
