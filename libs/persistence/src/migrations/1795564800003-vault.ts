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
        token_expires_at timestamptz,
        report_fingerprint text,
        pending_event jsonb,
        wiped_at timestamptz,
        CONSTRAINT tokens_sealed_or_wiped CHECK (
          (wiped_at IS NULL) = (wrapped_key IS NOT NULL)
          AND (wiped_at IS NULL) = (sealed_tokens IS NOT NULL)
          AND (wiped_at IS NULL) = (key_id IS NOT NULL)
        ),
        CONSTRAINT tokens_wiped_for_good CHECK (wiped_at IS NULL OR pending_event IS NULL)
      );
      CREATE INDEX tokens_by_key ON vault.tokens (key_id, channel_id) WHERE wiped_at IS NULL;
      CREATE INDEX tokens_pending ON vault.tokens (channel_id) WHERE pending_event IS NOT NULL;
      COMMENT ON COLUMN vault.tokens.key_id IS 'the key-encryption key that wraps the data key; a rotation changes it together with wrapped_key, and nothing else';
      COMMENT ON COLUMN vault.tokens.report_fingerprint IS 'HMAC of the report that brought this version: tells a repeated one from a late one';
      COMMENT ON COLUMN vault.tokens.pending_event IS 'the event of this version with its context, until it stands in the stream';

      CREATE TABLE vault.leases (
        id text CONSTRAINT leases_pk PRIMARY KEY,
        channel_id text NOT NULL,
        kind text NOT NULL,
        version integer NOT NULL,
        credential_id text NOT NULL,
        taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        until timestamptz NOT NULL,
        ended_at timestamptz,
        refusal text,
        CONSTRAINT leases_kind CHECK (kind IN ('access', 'refresh')),
        CONSTRAINT leases_refused_has_ended CHECK (refusal IS NULL OR ended_at IS NOT NULL)
      );
      CREATE INDEX leases_of_channel ON vault.leases (channel_id, kind, until);
      COMMENT ON TABLE vault.leases IS 'who took which tokens: written before the decision, so that none goes out unrecorded; one without a refusal counts as taken';

      CREATE TABLE vault.revocation_copies (
        channel_id text CONSTRAINT revocation_copies_pk PRIMARY KEY,
        version integer NOT NULL,
        key_id text NOT NULL,
        wrapped_key bytea,
        sealed_token bytea,
        until timestamptz NOT NULL,
        outcome text,
        CONSTRAINT copies_outcome CHECK (outcome IN ('DONE', 'NOT_SUPPORTED', 'KEPT_SHARED', 'FAILED')),
        CONSTRAINT copies_sealed_or_settled CHECK (
          (outcome IS NULL) = (wrapped_key IS NOT NULL) AND (outcome IS NULL) = (sealed_token IS NOT NULL)
        )
      );
      CREATE INDEX copies_until ON vault.revocation_copies (until);
      COMMENT ON TABLE vault.revocation_copies IS 'one token of a wiped channel, kept for the revocation of its grant alone';
      COMMENT ON COLUMN vault.revocation_copies.key_id IS 'its key is a file, never in the database: destroyed before the row goes';
      COMMENT ON COLUMN vault.revocation_copies.outcome IS 'how the revocation ended; the token is gone then, its key may still be there';

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
