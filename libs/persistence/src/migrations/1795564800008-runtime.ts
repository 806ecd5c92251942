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
        event_id uuid,
        event_commit numeric(20),
        event_prepare numeric(20),
        event_recorded_at timestamptz,
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT checkpoints_event_whole
          CHECK (num_nulls(event_id, event_commit, event_prepare, event_recorded_at) IN (0, 4))
      );
      COMMENT ON COLUMN runtime.checkpoints.event_id IS 'the last event that was applied; the position may be further, where nothing of ours came';

      CREATE TABLE runtime.projections (
        name text CONSTRAINT projections_pk PRIMARY KEY,
        paused_at timestamptz
      );

      CREATE TABLE runtime.generations (
        projection text NOT NULL,
        generation integer NOT NULL,
        version integer NOT NULL,
        state text NOT NULL,
        began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        built_at timestamptz,
        live_since timestamptz,
        live_until timestamptz,
        dropped_at timestamptz,
        CONSTRAINT generations_pk PRIMARY KEY (projection, generation),
        CONSTRAINT generations_projection_fk FOREIGN KEY (projection) REFERENCES runtime.projections (name),
        CONSTRAINT generations_state CHECK (state IN ('building', 'standby', 'live', 'dropped'))
      );
      CREATE UNIQUE INDEX generations_one_live ON runtime.generations (projection) WHERE state = 'live';
      COMMENT ON TABLE runtime.generations IS 'which tables of read_model hold the rows of a projection; the live one is behind the view; a number is never used again';
      COMMENT ON COLUMN runtime.generations.version IS 'of the projection that makes its rows: a release follows those of its own version';

      INSERT INTO runtime.projections (name) VALUES ('channels'), ('receipts');
      INSERT INTO runtime.generations (projection, generation, version, state, built_at, live_since)
      SELECT name, 1, 1, 'live', clock_timestamp(), clock_timestamp() FROM runtime.projections;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA runtime CASCADE');
  }
}
