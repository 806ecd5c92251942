import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each subscriber of the event store has come, and who may write it down. */
export class Runtime1795564800008 implements MigrationInterface {
  name = 'Runtime1795564800008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA runtime;

      CREATE TABLE runtime.leadership (
        name text CONSTRAINT leadership_pk PRIMARY KEY,
        holder text NOT NULL,
        epoch bigint NOT NULL,
        expires_at timestamptz NOT NULL
      );

      CREATE TABLE runtime.checkpoints (
        name text CONSTRAINT checkpoints_pk PRIMARY KEY,
        commit_position numeric(20) NOT NULL,
        prepare_position numeric(20) NOT NULL,
        event_id uuid NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA runtime CASCADE');
  }
}
