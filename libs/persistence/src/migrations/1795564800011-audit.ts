import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createRolesSql } from './roles';

/** What operators have changed: written once, as a role that may do nothing else. */
export class Audit1795564800011 implements MigrationInterface {
  name = 'Audit1795564800011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(table);
    await runner.query(createRolesSql(['postbreeze_audit']));
    await runner.query(grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA audit CASCADE');
  }
}

const table = `
  CREATE SCHEMA audit;

  CREATE TABLE audit.operator_actions (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT operator_actions_pk PRIMARY KEY,
    action_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    login text NOT NULL DEFAULT session_user,
    phase text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    command text NOT NULL,
    arguments json NOT NULL,
    error text,
    CONSTRAINT operator_actions_phase CHECK (phase IN ('started', 'succeeded', 'failed')),
    CONSTRAINT operator_actions_failed_why CHECK ((phase = 'failed') = (error IS NOT NULL))
  );
  CREATE UNIQUE INDEX operator_actions_one_start ON audit.operator_actions (action_id)
    WHERE phase = 'started';
  CREATE UNIQUE INDEX operator_actions_one_outcome ON audit.operator_actions (action_id)
    WHERE phase <> 'started';
  COMMENT ON TABLE audit.operator_actions IS 'two rows for an action: before it, and how it ended; one that has only started was cut off';
  COMMENT ON COLUMN audit.operator_actions.login IS 'as whom the operator was connected, whatever they say';
  COMMENT ON COLUMN audit.operator_actions.arguments IS 'what was asked for; never a secret';
  COMMENT ON COLUMN audit.operator_actions.error IS 'scrubbed of anything that looks like a credential';

  CREATE FUNCTION audit.actions_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'what was audited stays: % on audit.operator_actions is refused', TG_OP;
  END $$;
  CREATE TRIGGER operator_actions_insert_only BEFORE UPDATE OR DELETE ON audit.operator_actions
    FOR EACH ROW EXECUTE FUNCTION audit.actions_are_final();
  CREATE TRIGGER operator_actions_never_emptied BEFORE TRUNCATE ON audit.operator_actions
    FOR EACH STATEMENT EXECUTE FUNCTION audit.actions_are_final();
`;

const grants = `
  GRANT USAGE ON SCHEMA audit TO postbreeze_audit;
  -- Neither the time nor the login is theirs to say, and nothing that stands is theirs to read.
  GRANT INSERT (action_id, phase, actor, reason, command, arguments, error)
    ON audit.operator_actions TO postbreeze_audit;

  DO $$
  DECLARE
    own text := current_user;
  BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = own) THEN
      BEGIN
        EXECUTE format('GRANT postbreeze_audit TO %I', own);
      EXCEPTION WHEN insufficient_privilege THEN
        NULL; -- whoever created the role has granted it, or is asked to below
      END;
    END IF;

    SET LOCAL ROLE postbreeze_audit;
    RESET ROLE;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'What operators do is written down as the role postbreeze_audit: have an administrator run GRANT postbreeze_audit TO %', own;
  END $$;
`;
