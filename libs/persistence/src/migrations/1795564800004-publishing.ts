import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Scheduled posts: other services write them, schedule-cancel cancels their targets. */
export class Publishing1795564800004 implements MigrationInterface {
  name = 'Publishing1795564800004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA publishing;

      CREATE TABLE publishing.posts (
        id text CONSTRAINT posts_pk PRIMARY KEY,
        workspace_id text NOT NULL,
        status text NOT NULL,
        body text NOT NULL,
        scheduled_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT posts_status CHECK (status IN ('DRAFT', 'NEEDS_APPROVAL', 'SCHEDULED', 'PUBLISHING',
          'PARTIALLY_PUBLISHED', 'PUBLISHED', 'FAILED', 'CANCELED'))
      );

      CREATE TABLE publishing.post_targets (
        id text CONSTRAINT post_targets_pk PRIMARY KEY,
        post_id text NOT NULL,
        channel_id text NOT NULL,
        status text NOT NULL,
        scheduled_for timestamptz,
        published_at timestamptz,
        external_post_id text,
        published_handle text,
        error_code text,
        attempt_count integer NOT NULL DEFAULT 0,
        cancel_reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT post_targets_post_fk FOREIGN KEY (post_id) REFERENCES publishing.posts (id),
        CONSTRAINT post_targets_status CHECK (status IN ('DRAFT', 'NEEDS_APPROVAL', 'SCHEDULED',
          'PUBLISHING', 'PUBLISHED', 'FAILED', 'CANCELED'))
      );
      CREATE INDEX post_targets_channel ON publishing.post_targets (channel_id, status);
      CREATE INDEX post_targets_post ON publishing.post_targets (post_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA publishing CASCADE');
  }
}
