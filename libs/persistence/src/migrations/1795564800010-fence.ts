import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The fence: whoever writes content of a channel, the channel is live and stays so until that
 * transaction ends. See docs/adr/0008-fence.md.
 */
export class Fence1795564800010 implements MigrationInterface {
  name = 'Fence1795564800010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(functions);
    await runner.query(giveAway);
    await runner.query(triggers);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION registry.fence_rows, registry.fence_pending, registry.fence_channel_id CASCADE;
      DROP FUNCTION registry.enter_fence, registry.limit_idling;
    `);
  }
}

const functions = `
  CREATE FUNCTION registry.enter_fence(channel_ids text[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    ended text[];
    live text[];
  BEGIN
    IF channel_ids = '{}' THEN
      RETURN;
    END IF;
    -- Insert only, and asked before any lock: once an ending is written down, nobody new gets in the
    -- way of who waits for the writers that are inside.
    ended := ARRAY(SELECT channel_id FROM registry.endings WHERE channel_id = ANY (channel_ids));
    IF ended = '{}' THEN
      -- The weakest lock: in the way of a change of (id, state), which is a key, and of nothing else.
      -- An older snapshot that finds such a change done fails to serialize; it never sees the old state.
      live := ARRAY(SELECT id FROM registry.channels
                     WHERE id = ANY (channel_ids) AND state = 'live' ORDER BY id FOR KEY SHARE);
      IF cardinality(live) = cardinality(channel_ids) THEN
        RETURN;
      END IF;
      -- Asked again: it may have ended while this waited for the lock.
      ended := ARRAY(SELECT channel_id FROM registry.endings WHERE channel_id = ANY (channel_ids)
                     UNION SELECT id FROM registry.channels WHERE id = ANY (channel_ids) AND state = 'ended');
    END IF;

    IF ended <> '{}' THEN
      RAISE EXCEPTION USING ERRCODE = 'PB001',
        MESSAGE = format('the channel has ended: %s', array_to_string(ended, ', ')),
        HINT = 'It is final. Drop what you hold for it, and write the rest without it.';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'PB002',
      MESSAGE = format('the channel is not live: %s', array_to_string(
        ARRAY(SELECT id FROM unnest(channel_ids) AS id WHERE id <> ALL (live)), ', ')),
      HINT = 'Either its connect is not finished, and trying again soon helps, or there is no such channel.';
  END $$;

  CREATE FUNCTION registry.limit_idling() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    -- 0 is no limit.
    present interval := current_setting('idle_in_transaction_session_timeout');
  BEGIN
    IF present NOT BETWEEN '1 ms' AND '60 s' THEN
      -- Until this transaction ends. As a setting of the writers' roles it would not hold: who is
      -- granted a role has its rights, and not its settings.
      PERFORM set_config('idle_in_transaction_session_timeout', '60s', true);
    END IF;
  END $$;

  CREATE FUNCTION registry.fence_rows() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    PERFORM registry.limit_idling();
    PERFORM registry.enter_fence(ARRAY(SELECT DISTINCT channel_id FROM written));
    RETURN NULL;
  END $$;

  CREATE FUNCTION registry.fence_pending() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    PERFORM registry.limit_idling();
    -- What is pending already may be changed: it will be canceled, or is on its way. (A join would
    -- keep the plan of the first statement, of one row perhaps, for one of 10,000.)
    PERFORM registry.enter_fence(ARRAY(
      SELECT DISTINCT channel_id FROM (
        SELECT channel_id, id, status FROM written WHERE status IN ('SCHEDULED', 'NEEDS_APPROVAL', 'PUBLISHING')
        EXCEPT
        SELECT channel_id, id, status FROM previous) AS becoming_pending));
    RETURN NULL;
  END $$;

  CREATE FUNCTION registry.fence_channel_id() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  BEGIN
    RAISE EXCEPTION USING ERRCODE = 'PB003',
      MESSAGE = format('a row stays with its channel: %s of %I.%I is of %s',
        OLD.id, TG_TABLE_SCHEMA, TG_TABLE_NAME, OLD.channel_id),
      HINT = 'Write a new row for the other channel.';
  END $$;
`;

/** To a role that nobody can log in as, and that may read and lock the registry, no more. */
const giveAway = `
  DO $$
  DECLARE
    own text := current_user;
    signature text;
  BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = own) THEN
      BEGIN
        EXECUTE format('GRANT postbreeze_fence TO %I', own);
      EXCEPTION WHEN insufficient_privilege THEN
        NULL; -- whoever created the role has granted it, or is asked to below
      END;
    END IF;

    GRANT CREATE ON SCHEMA registry TO postbreeze_fence;
    FOREACH signature IN ARRAY ARRAY['enter_fence(text[])', 'limit_idling()',
                                    'fence_rows()', 'fence_pending()', 'fence_channel_id()'] LOOP
      EXECUTE format('REVOKE ALL ON FUNCTION registry.%s FROM PUBLIC', signature);
      -- To put the triggers on its own tables.
      EXECUTE format('GRANT EXECUTE ON FUNCTION registry.%s TO %I', signature, own);
      EXECUTE format('ALTER FUNCTION registry.%s OWNER TO postbreeze_fence', signature);
    END LOOP;
    REVOKE CREATE ON SCHEMA registry FROM postbreeze_fence;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The functions of the fence belong to the role postbreeze_fence: have an administrator run GRANT postbreeze_fence TO %', own;
  END $$;
`;

/** After the rows and once a statement: ten thousand rows of a channel are one look at the registry. */
const rowFences = ['insights.analytics_snapshots', 'insights.comments', 'publishing.post_targets'];

const triggers = `
  ${rowFences
    .map(
      (table) => `
  CREATE TRIGGER fence_insert AFTER INSERT ON ${table}
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION registry.fence_rows();
  CREATE TRIGGER fence_channel_id AFTER UPDATE ON ${table}
    FOR EACH ROW WHEN (OLD.channel_id <> NEW.channel_id) EXECUTE FUNCTION registry.fence_channel_id();`,
    )
    .join('')}

  -- Any update: a writer that goes on refreshing what the purge is after would keep it from its end.
  CREATE TRIGGER fence_update AFTER UPDATE ON insights.analytics_snapshots
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION registry.fence_rows();
  CREATE TRIGGER fence_update AFTER UPDATE ON insights.comments
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION registry.fence_rows();

  CREATE TRIGGER fence_update AFTER UPDATE ON publishing.post_targets
    REFERENCING OLD TABLE AS previous NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION registry.fence_pending();
`;
