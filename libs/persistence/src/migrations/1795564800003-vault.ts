import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sealed login tokens, and the tombstones of those that were wiped. */
export class Vault1795564800003 implements MigrationInterface {
  name = 'Vault1795564800003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA vault;

      CREATE TABLE vault.tokens (
        channel_id text CONSTRAINT tokens_pk PRIMARY KEY,
        workspace_id text NOT NULL,
        version integer NOT NULL,
        key_id text,
        wrapped_key bytea,
        sealed_tokens bytea,
        sealed_at timestamptz NOT NULL DEFAULT now(),
        wiped_at timestamptz,
        CONSTRAINT tokens_sealed_or_wiped CHECK (
          (wiped_at IS NULL) = (wrapped_key IS NOT NULL)
          AND (wiped_at IS NULL) = (sealed_tokens IS NOT NULL)
          AND (wiped_at IS NULL) = (key_id IS NOT NULL)
        )
      );

      CREATE FUNCTION vault.tombstones_are_permanent() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
          RAISE EXCEPTION 'a vault row is never deleted: wipe it';
        END IF;
        IF OLD.wiped_at IS NOT NULL THEN
          RAISE EXCEPTION 'the tokens of % were wiped for good', OLD.channel_id;
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER tokens_tombstone BEFORE UPDATE OR DELETE ON vault.tokens
        FOR EACH ROW EXECUTE FUNCTION vault.tombstones_are_permanent();
      CREATE TRIGGER tokens_never_emptied BEFORE TRUNCATE ON vault.tokens
        FOR EACH STATEMENT EXECUTE FUNCTION vault.tombstones_are_permanent();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA vault CASCADE');
  }
}
