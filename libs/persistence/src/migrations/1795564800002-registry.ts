import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which account is claimed by which channel, and which channels have ended: commands' own truth. */
export class Registry1795564800002 implements MigrationInterface {
  name = 'Registry1795564800002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA registry;

      CREATE TABLE registry.channels (
        id text CONSTRAINT channels_pk PRIMARY KEY,
        workspace_id text NOT NULL,
        platform text NOT NULL,
        external_id text NOT NULL,
        grant_ref text NOT NULL,
        grant_since timestamptz NOT NULL DEFAULT '-infinity',
        state text NOT NULL,
        opened_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT channels_state CHECK (state IN ('opening', 'live', 'ended')),
        CONSTRAINT channels_fence UNIQUE (id, state)
      );
      COMMENT ON CONSTRAINT channels_fence ON registry.channels IS 'makes the state part of a key: a change of it waits for FOR KEY SHARE, which writers of content hold, and no other change of the row does';
      COMMENT ON COLUMN registry.channels.grant_since IS 'when a reauthorization brought the grant: a late repeat of an earlier one changes nothing';
      CREATE UNIQUE INDEX channels_one_claim ON registry.channels (workspace_id, platform, external_id)
        WHERE state <> 'ended';
      CREATE INDEX channels_grant ON registry.channels (grant_ref) WHERE state <> 'ended';

      CREATE TABLE registry.grants (
        grant_ref text CONSTRAINT grants_pk PRIMARY KEY,
        revoked_at timestamptz
      );
      COMMENT ON TABLE registry.grants IS 'what connects and revocations of a grant lock; a row says nothing but when it was withdrawn';
      COMMENT ON COLUMN registry.grants.revoked_at IS 'what was granted before is refused; ahead while a call is under way, or was when its process died';

      CREATE TABLE registry.endings (
        channel_id text CONSTRAINT endings_pk PRIMARY KEY,
        kind text NOT NULL,
        ended_at timestamptz NOT NULL,
        CONSTRAINT endings_kind CHECK (kind IN ('disconnected', 'abandoned'))
      );

      CREATE FUNCTION registry.endings_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'an ending is final: % on registry.endings is refused', TG_OP;
      END $$;
      CREATE TRIGGER endings_insert_only BEFORE UPDATE OR DELETE ON registry.endings
        FOR EACH ROW EXECUTE FUNCTION registry.endings_are_final();
      CREATE TRIGGER endings_never_emptied BEFORE TRUNCATE ON registry.endings
        FOR EACH STATEMENT EXECUTE FUNCTION registry.endings_are_final();

      CREATE TABLE registry.idempotency_keys (
        credential_id text NOT NULL,
        key text NOT NULL,
        body_fingerprint text NOT NULL,
        channel_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT idempotency_keys_pk PRIMARY KEY (credential_id, key)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA registry CASCADE');
  }
}
