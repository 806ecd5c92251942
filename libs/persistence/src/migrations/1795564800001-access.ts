import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, workspaces, who may do what in them, and the keys that speak for users and services. */
export class Access1795564800001 implements MigrationInterface {
  name = 'Access1795564800001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SCHEMA access;

      CREATE TABLE access.workspaces (
        id text CONSTRAINT workspaces_pk PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE access.memberships (
        workspace_id text NOT NULL,
        user_id text NOT NULL,
        role text NOT NULL,
        CONSTRAINT memberships_pk PRIMARY KEY (workspace_id, user_id),
        CONSTRAINT memberships_workspace_fk FOREIGN KEY (workspace_id) REFERENCES access.workspaces (id),
        CONSTRAINT memberships_role CHECK (role IN ('OWNER', 'ADMIN', 'EDITOR', 'CLIENT_REVIEWER'))
      );
      CREATE INDEX memberships_user ON access.memberships (user_id);

      CREATE TABLE access.api_keys (
        id text CONSTRAINT api_keys_pk PRIMARY KEY,
        user_id text NOT NULL,
        prefix text NOT NULL,
        sha256 bytea NOT NULL,
        workspace_ids text[],
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
      );
      CREATE UNIQUE INDEX api_keys_sha256 ON access.api_keys (sha256);
      COMMENT ON COLUMN access.api_keys.workspace_ids IS 'the allow-list of a scoped key; NULL: full access';

      CREATE TABLE access.service_credentials (
        id text CONSTRAINT service_credentials_pk PRIMARY KEY,
        name text NOT NULL,
        prefix text NOT NULL,
        sha256 bytea NOT NULL,
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
      );
      CREATE UNIQUE INDEX service_credentials_sha256 ON access.service_credentials (sha256);

      -- Counters of minutes: when a crash empties them, every window begins anew. What no crash must
      -- keep need not wait for the disk, at each request.
      CREATE UNLOGGED TABLE access.rate_limits (
        key text CONSTRAINT rate_limits_pk PRIMARY KEY,
        points integer NOT NULL,
        expires_at timestamptz NOT NULL
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA access CASCADE');
  }
}
