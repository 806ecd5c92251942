import type { OnApplicationShutdown } from '@nestjs/common';
import { Injectable, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import { dataSourceOptions } from './data-source';

/** Connections at most; idle ones are closed after some seconds. */
const size = 2;
/** Milliseconds that a connect may take, and a statement: nobody who looks on waits for longer. */
const timeoutMs = 1_500;

/**
 * The database for whoever only looks on: by connections of their own, and impatient ones, so that a
 * look never waits for the work, nor the work for a look, and one that is never answered ends.
 */
@Injectable()
export class SideDatabase implements OnApplicationShutdown {
  private opening: Promise<DataSource> | undefined;

  constructor(private readonly settings: Settings) {}

  /** Connected when somebody first asks. @throws what pg says when it can't connect */
  async open(): Promise<DataSource> {
    this.opening ??= this.connect();
    try {
      return await this.opening;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const dataSource = await this.open();
    return dataSource.query<Row[]>(sql, [...parameters]);
  }

  async onApplicationShutdown(): Promise<void> {
    const dataSource = await this.opening?.catch(() => undefined);
    await dataSource?.destroy();
  }

  private connect(): Promise<DataSource> {
    const pool = { size, timeoutMs, statementTimeoutMs: timeoutMs };
    return new DataSource(dataSourceOptions(this.settings.databaseUrl, pool)).initialize();
  }
}

@Module({ providers: [SideDatabase], exports: [SideDatabase] })
export class SideDatabaseModule {}
