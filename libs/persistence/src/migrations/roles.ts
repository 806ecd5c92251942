/**
 * All roles that migrations make. An administrator who has to make them hears of all at once, and not of
 * each migration's when it is that one's turn.
 */
const everyRole = [
  'postbreeze_fence',
  'postbreeze_publishing',
  'postbreeze_insights',
  'postbreeze_audit',
  'postbreeze_api',
  'postbreeze_internal',
  'postbreeze_projector',
  'postbreeze_relay',
  'postbreeze_subscribers',
];

/**
 * SQL that makes roles without login. They are the server's and not the database's, so they may be
 * there already, and stay behind.
 *
 * @param names plain words
 */
export function createRolesSql(names: readonly string[]): string {
  return `
    DO $$
    DECLARE
      wanted text;
      making text;
    BEGIN
      FOREACH wanted IN ARRAY ${arrayOf(names)} LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = wanted);
        BEGIN
          EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION
          WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of this server was migrated at the same moment
          WHEN insufficient_privilege THEN
            SELECT string_agg(format('CREATE ROLE %I NOLOGIN', name), '; ') INTO making
              FROM unnest(${arrayOf([...new Set([...names, ...everyRole])])}) AS ours (name)
             WHERE name NOT IN (SELECT rolname FROM pg_roles);
            RAISE EXCEPTION 'Roles are missing, and % may not create them: have an administrator run %',
              current_user, making;
        END;
      END LOOP;
    END $$;`;
}

function arrayOf(names: readonly string[]): string {
  return `ARRAY[${names.map((name) => `'${name}'`).join(', ')}]`;
}
