import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createRolesSql } from './roles';

/**
 * Roles without login: one that the fence's functions belong to, and one for each service that
 * writes here, to be granted to that service's own login. They are the server's and not the
 * database's, so they may be there already, and stay behind.
 */
export class Writers1795564800009 implements MigrationInterface {
  name = 'Writers1795564800009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${createRolesSql(['postbreeze_fence', 'postbreeze_publishing', 'postbreeze_insights'])}

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
