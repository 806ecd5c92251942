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
        state text NOT NULL DEFAULT 'pending',
        outcome text,
        counts jsonb NOT NULL DEFAULT '{}',
        evidence jsonb,
        attempts integer NOT NULL DEFAULT 0,
        tries integer NOT NULL DEFAULT 0,
        received_at timestamptz NOT NULL DEFAULT now(),
        first_attempt_at timestamptz,
        parked_at timestamptz,
        parking_recorded_at timestamptz,
        error text,
        finished_at timestamptz,
        recorded_at timestamptz,
        CONSTRAINT work_pk PRIMARY KEY (effect, channel_id),
        CONSTRAINT work_state CHECK (state IN ('pending', 'parked', 'done', 'recorded')),
        CONSTRAINT work_outcome CHECK (outcome IN ('DONE', 'NOT_SUPPORTED', 'KEPT_SHARED', 'FAILED')),
        CONSTRAINT work_ended_with_outcome CHECK ((outcome IS NOT NULL) = (state IN ('done', 'recorded'))),
        CONSTRAINT work_parked_since CHECK (state <> 'parked' OR parked_at IS NOT NULL)
      );
      COMMENT ON COLUMN effects.work.attempts IS 'all of them, for the receipt';
      COMMENT ON COLUMN effects.work.tries IS 'those since the latest progress or redrive: too many, and the work is parked';
      COMMENT ON COLUMN effects.work.parking_recorded_at IS 'since when the stream knows that it is parked';
      COMMENT ON COLUMN effects.work.error IS 'of the latest failed try, scrubbed of anything that looks like a credential';
      CREATE INDEX work_open ON effects.work (channel_id) WHERE state <> 'recorded';
      CREATE INDEX work_failed ON effects.work (finished_at) WHERE outcome = 'FAILED';

      CREATE TABLE effects.messages (
        effect text NOT NULL,
        channel_id text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        message_offset bigint NOT NULL,
        message_key bytea,
        headers json NOT NULL,
        value bytea,
        CONSTRAINT messages_pk PRIMARY KEY (effect, topic, partition, message_offset),
        CONSTRAINT messages_work_fk FOREIGN KEY (effect, channel_id)
          REFERENCES effects.work (effect, channel_id) ON DELETE CASCADE
      );
      CREATE INDEX messages_work ON effects.messages (effect, channel_id);
      COMMENT ON TABLE effects.messages IS 'what asked for work that is not done yet: hearsay, until the stream was asked';

      CREATE TABLE effects.skipped (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT skipped_pk PRIMARY KEY,
        effect text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        message_offset bigint NOT NULL,
        message_key bytea,
        headers json NOT NULL,
        value bytea,
        reason text NOT NULL,
        skipped_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX skipped_once ON effects.skipped (effect, topic, partition, message_offset);

      CREATE TABLE effects.parked_messages (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT parked_messages_pk PRIMARY KEY,
        effect text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        message_offset bigint NOT NULL,
        message_key bytea,
        headers json NOT NULL,
        value bytea,
        reason text NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX parked_messages_once
        ON effects.parked_messages (effect, topic, partition, message_offset);
      COMMENT ON TABLE effects.parked_messages IS 'disconnects in a version that this release can not read: redriven by one that can, never discarded';

      CREATE TABLE effects.disconnections (
        channel_id text CONSTRAINT disconnections_pk PRIMARY KEY,
        requested_at timestamptz NOT NULL,
        deadline timestamptz NOT NULL,
        watched_since timestamptz NOT NULL DEFAULT now(),
        alerted_at timestamptz,
        overdue_at timestamptz,
        settled_at timestamptz
      );
      CREATE INDEX disconnections_open ON effects.disconnections (channel_id) WHERE settled_at IS NULL;
      COMMENT ON TABLE effects.disconnections IS 'what the reconciler has read in the streams, and watches until every planned effect is recorded in this database';

      CREATE TABLE effects.findings (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT findings_pk PRIMARY KEY,
        channel_id text NOT NULL,
        kind text NOT NULL,
        effect text,
        found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT findings_kind CHECK (kind IN ('lost-message', 'unwatched', 'survivor'))
      );
      CREATE INDEX findings_channel ON effects.findings (channel_id);
      COMMENT ON TABLE effects.findings IS 'what the reconciler found amiss and had repaired: each one is a loss somewhere above';

      COMMENT ON COLUMN effects.skipped.headers IS 'json and bytea, because text and jsonb refuse a NUL, and a message may hold one';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA effects CASCADE');
  }
}
