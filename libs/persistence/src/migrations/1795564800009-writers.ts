import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Roles without login: one that the fence's functions belong to, and one for each service that
 * writes here, to be granted to that service's own login. They are the server's and not the
 * database's, so they may be there already, and stay behind.
 */
export class Writers1795564800009 implements MigrationInterface {
  name = 'Writers1795564800009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$
      DECLARE
        wanted text;
      BEGIN
        FOREACH wanted IN ARRAY ARRAY['postbreeze_fence', 'postbreeze_publishing', 'postbreeze_insights'] LOOP
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
      END $$;

      GRANT USAGE ON SCHEMA publishing TO postbreeze_publishing;
      GRANT SELECT, INSERT, UPDATE ON publishing.posts, publishing.post_targets TO postbreeze_publishing;

      GRANT USAGE ON SCHEMA insights TO postbreeze_insights;
      GRANT SELECT, INSERT, UPDATE, DELETE ON insights.analytics_snapshots, insights.comments TO postbreeze_insights;

      -- All that the fence looks at. A row can be locked only by who may update some column of it.
      GRANT USAGE ON SCHEMA registry TO postbreeze_fence;
      GRANT SELECT ON registry.endings TO postbreeze_fence;
      GRANT SELECT, UPDATE (opened_at) ON registry.channels TO postbreeze_fence;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      REVOKE ALL ON registry.channels, registry.endings FROM postbreeze_fence;
      REVOKE ALL (opened_at) ON registry.channels FROM postbreeze_fence;
      REVOKE ALL ON SCHEMA registry FROM postbreeze_fence;
      REVOKE ALL ON ALL TABLES IN SCHEMA insights FROM postbreeze_insights;
      REVOKE ALL ON SCHEMA insights FROM postbreeze_insights;
      REVOKE ALL ON ALL TABLES IN SCHEMA publishing FROM postbreeze_publishing;
      REVOKE ALL ON SCHEMA publishing FROM postbreeze_publishing;
    `);
  }
}
