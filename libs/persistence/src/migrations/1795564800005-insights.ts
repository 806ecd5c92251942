import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cached analytics and comments: other services write them, the purges delete them. */
export class Insights1795564800005 implements MigrationInterface {
  name = 'Insights1795564800005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA insights;

      CREATE TABLE insights.analytics_snapshots (
        id text CONSTRAINT analytics_snapshots_pk PRIMARY KEY,
        channel_id text NOT NULL,
        captured_at timestamptz NOT NULL,
        payload jsonb NOT NULL
      );
      CREATE INDEX analytics_snapshots_channel ON insights.analytics_snapshots (channel_id, id);

      CREATE TABLE insights.comments (
        id text CONSTRAINT comments_pk PRIMARY KEY,
        channel_id text NOT NULL,
        external_comment_id text NOT NULL,
        author text NOT NULL,
        body text NOT NULL,
        received_at timestamptz NOT NULL
      );
      CREATE INDEX comments_channel ON insights.comments (channel_id, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA insights CASCADE');
  }
}
