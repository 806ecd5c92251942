import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Settings } from '@app/config';
import type { PoolOptions } from './data-source';
import { dataSourceOptions } from './data-source';

export interface PersistenceOptions {
  /** Somebody waits for this process's answers: no statement takes longer than they wait. */
  readonly answersRequests?: boolean;
  /**
   * It works in bounded batches: no statement takes longer than WORK_STATEMENT_MS, and no
   * transaction stands idle for as long.
   */
  readonly worksInBatches?: boolean;
  /**
   * It leads by a term that its transactions hold: one that stands idle for as long as a term is ended
   * by the server, or a process that was stopped in the middle of it would keep every rival out.
   */
  readonly leads?: boolean;
}

/** The process's one data source; each room registers its own entities with `forFeature`. */
@Module({})
export class PersistenceModule {
  static forRoot(options: PersistenceOptions = {}): DynamicModule {
    return {
      module: PersistenceModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Settings],
          useFactory: (settings: Settings) => ({
            ...dataSourceOptions(settings.databaseUrl, {
              size: settings.databasePoolSize,
              timeoutMs: settings.storeTimeoutMs,
              ...patienceOf(options, settings),
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

function patienceOf(
  { answersRequests, worksInBatches, leads }: PersistenceOptions,
  { storeTimeoutMs, workStatementMs, leadershipTermMs }: Settings,
): Partial<PoolOptions> {
  if (answersRequests) return { statementTimeoutMs: storeTimeoutMs };
  if (leads) return { idleTransactionMs: leadershipTermMs };
  if (!worksInBatches) return {};
  return { statementTimeoutMs: workStatementMs, idleTransactionMs: workStatementMs };
}
