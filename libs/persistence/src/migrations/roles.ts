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
    BEGIN
      FOREACH wanted IN ARRAY ARRAY[${names.map((name) => `'${name}'`).join(', ')}] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = wanted);
        BEGIN
          EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION
          WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of this server was migrated at the same moment
          WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'The role % is missing, and % may not create it: have an administrator run CREATE ROLE % NOLOGIN',
              wanted, current_user, wanted;
        END;
      END LOOP;
    END $$;`;
}
