import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningEngine } from '@app/embedded';
import { startEventStore } from '@app/embedded';
import { TestBed } from '@app/testing';
import { runSql } from './run-sql';

/** A bed whose database and whose event store can each be taken back to an earlier moment. */
export class RestorableBed extends TestBed {
  private readonly dataDir = join(this.folder, 'event-store');
  private readonly backup = join(this.folder, 'event-store-backup');
  private running: Promise<RunningEngine> | undefined;

  override eventStoreEngine(): Promise<RunningEngine> {
    if (!this.running) {
      this.running = this.start();
      this.atEnd(async () => (await this.running!).stop());
    }
    return this.running;
  }

  /** Keeps what the event store has now. It is away for a moment, which roles wait for. */
  backUpEvents(): Promise<void> {
    return this.whileStopped(() => cp(this.dataDir, this.backup, { recursive: true }));
  }

  /** What was appended since the backup is gone; the address stays. */
  restoreEvents(): Promise<void> {
    return this.whileStopped(async () => {
      await rm(this.dataDir, { recursive: true });
      await cp(this.backup, this.dataDir, { recursive: true });
    });
  }

  /** Keeps what the database has now; who is connected to it connects again. */
  async backUpDatabase(): Promise<void> {
    const name = await this.databaseName();
    // A template is one that nobody is connected to.
    await this.onServer(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    );
    await this.onServer(`CREATE DATABASE ${name}_backup TEMPLATE ${name} STRATEGY file_copy`);
    this.atEnd(() => this.onServer(`DROP DATABASE IF EXISTS ${name}_backup`));
  }

  /** Once; nobody may use it meanwhile. */
  async restoreDatabase(): Promise<void> {
    const name = await this.databaseName();
    await this.onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    await this.onServer(`ALTER DATABASE ${name}_backup RENAME TO ${name}`);
  }

  private async databaseName(): Promise<string> {
    return new URL(await this.databaseUrl()).pathname.slice(1);
  }

  private async onServer(sql: string): Promise<void> {
    const url = new URL(await this.databaseUrl());
    url.pathname = '/postgres';
    await runSql(url.href, sql);
  }

  private async whileStopped(work: () => Promise<void>): Promise<void> {
    const engine = await this.eventStoreEngine();
    await engine.stop();
    await work();
    this.running = this.start(engine.port);
    await this.running;
  }

  private start(port?: number): Promise<RunningEngine> {
    const { dataDir, strictness: strict } = this;
    return startEventStore({ dataDir, port, fsync: false, strict });
  }
}
