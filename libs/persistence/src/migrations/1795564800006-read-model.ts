import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What REST reads: written by projections alone, so it can be dropped and rebuilt. Here stand the first
 * generations; the others are made by a replay, of the same shape (a test holds them together).
 */
export class ReadModel1795564800006 implements MigrationInterface {
  name = 'ReadModel1795564800006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA read_model;

      CREATE TABLE read_model.channels_g1 (
        id text CONSTRAINT channels_g1_pk PRIMARY KEY,
        workspace_id text NOT NULL,
        platform text NOT NULL,
        external_id text NOT NULL,
        handle text NOT NULL,
        display_name text,
        avatar_url text,
        status text NOT NULL,
        scopes text[] NOT NULL,
        connected_at timestamptz NOT NULL,
        last_refreshed_at timestamptz,
        token_expires_at timestamptz,
        last_refresh_attempt_at timestamptz,
        last_refresh_error text,
        last_refresh_error_status integer,
        meta jsonb NOT NULL,
        default_board_id text
      );
      CREATE INDEX channels_g1_listing ON read_model.channels_g1 (workspace_id, connected_at DESC, id DESC);

      CREATE VIEW read_model.channels AS SELECT * FROM read_model.channels_g1;

      CREATE TABLE read_model.receipts_g1 (
        channel_id text CONSTRAINT receipts_g1_pk PRIMARY KEY,
        workspace_id text NOT NULL,
        status text NOT NULL,
        deadline timestamptz NOT NULL,
        receipt jsonb NOT NULL
      );
      CREATE VIEW read_model.receipts AS SELECT * FROM read_model.receipts_g1;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA read_model CASCADE');
  }
}
