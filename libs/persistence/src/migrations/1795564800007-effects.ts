import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The inbox of the effects: what is to be done, what was done, and what was refused. */
export class Effects1795564800007 implements MigrationInterface {
  name = 'Effects1795564800007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA effects;

      CREATE TABLE effects.work (
        effect text NOT NULL,
        channel_id text NOT NULL,
        event_id uuid NOT NULL,
        correlation_id text NOT NULL,
        state text NOT NULL DEFAULT 'pending',
        counts jsonb NOT NULL DEFAULT '{}',
        attempts integer NOT NULL DEFAULT 0,
        received_at timestamptz NOT NULL DEFAULT now(),
        first_attempt_at timestamptz,
        finished_at timestamptz,
        recorded_at timestamptz,
        CONSTRAINT work_pk PRIMARY KEY (effect, channel_id),
        CONSTRAINT work_state CHECK (state IN ('pending', 'done', 'recorded'))
      );
      COMMENT ON COLUMN effects.work.event_id IS 'of the ChannelDisconnected that asked for it';

      CREATE TABLE effects.skipped (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT skipped_pk PRIMARY KEY,
        effect text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        message_offset bigint NOT NULL,
        message_key text,
        headers jsonb NOT NULL,
        value bytea,
        reason text NOT NULL,
        skipped_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX skipped_once ON effects.skipped (effect, topic, partition, message_offset);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA effects CASCADE');
  }
}
