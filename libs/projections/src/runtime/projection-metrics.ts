import { Injectable, Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Reading, Sample } from '@app/observability';
import { gauge, MetricsModule, Scrapes } from '@app/observability';
import { SideDatabase, SideDatabaseModule } from '@app/persistence';
import type { GenerationId } from './generations';
import { generationName } from './generations';

const paused = gauge({
  name: 'postbreeze_projection_paused',
  help: 'Whether an operator has paused a projection: its rows get older then, and its lag is not told.',
  labels: ['projection'],
});

/** The handlers of all generations that somebody has to follow, whichever release does. */
export async function followedHandlers(dataSource: DataSource): Promise<string[]> {
  const rows: GenerationId[] = await dataSource.query(
    `SELECT projection, generation FROM runtime.generations
       JOIN runtime.projections ON name = projection AND paused_at IS NULL
      WHERE state IN ('standby', 'live') ORDER BY projection, generation`,
  );
  return rows.map(generationName);
}

@Injectable()
class ProjectionReading implements Reading {
  readonly name = 'projections';
  readonly gauges = [paused];

  constructor(
    scrapes: Scrapes,
    private readonly database: SideDatabase,
  ) {
    scrapes.add(this);
  }

  async read(): Promise<Sample[]> {
    const rows = await this.database.query<{ projection: string; isPaused: boolean }>(
      `SELECT name AS projection, paused_at IS NOT NULL AS "isPaused" FROM runtime.projections`,
    );
    return rows.map(({ projection, isPaused }) => ({
      of: paused,
      labels: { projection },
      value: Number(isPaused),
    }));
  }
}

@Module({ imports: [MetricsModule, SideDatabaseModule], providers: [ProjectionReading] })
export class ProjectionMetricsModule {}
