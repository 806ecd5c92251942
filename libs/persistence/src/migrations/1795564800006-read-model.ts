import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What REST reads: written by projections alone, so it can be dropped and rebuilt. */
export class ReadModel1795564800006 implements MigrationInterface {
  name = 'ReadModel1795564800006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA read_model;

      CREATE TABLE read_model.channels (
        id text CONSTRAINT read_channels_pk PRIMARY KEY,
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
      CREATE INDEX read_channels_listing ON read_model.channels (workspace_id, connected_at DESC, id DESC);

      CREATE TABLE read_model.receipts (
        channel_id text CONSTRAINT receipts_pk PRIMARY KEY,
        workspace_id text NOT NULL,
        status text NOT NULL,
        deadline timestamptz NOT NULL,
        receipt jsonb NOT NULL
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA read_model CASCADE');
  }
}
