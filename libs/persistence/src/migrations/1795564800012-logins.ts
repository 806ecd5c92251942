import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createRolesSql } from './roles';

/**
 * A role without login for each process role: what it may do, to be granted to that one's own login. A
 * single login that owns everything goes on without them. What the jobs need is granted with their schema.
 */
export class Logins1795564800012 implements MigrationInterface {
  name = 'Logins1795564800012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createRolesSql(Object.keys(duties)));
    for (const [role, grants] of Object.entries(duties)) {
      await runner.query(`GRANT SELECT ON public.migrations TO ${role}`);
      for (const schema of schemasOf(grants)) {
        await runner.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
      }
      for (const [privileges, tables] of grants) {
        await runner.query(`GRANT ${privileges} ON ${onWhat(tables)} TO ${role}`);
      }
    }
    // The generations that a replay makes, as the owner of the schema.
    await runner.query(`
      ALTER DEFAULT PRIVILEGES IN SCHEMA read_model
        GRANT ${written} ON TABLES TO postbreeze_projector`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const roles = Object.keys(duties).join(', ');
    await runner.query(`
      ALTER DEFAULT PRIVILEGES IN SCHEMA read_model REVOKE ALL ON TABLES FROM postbreeze_projector`);
    await runner.query(`REVOKE ALL ON public.migrations FROM ${roles}`);
    for (const schema of schemasOf(Object.values(duties).flat())) {
      await runner.query(`REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${roles}`);
      await runner.query(`REVOKE ALL ON SCHEMA ${schema} FROM ${roles}`);
    }
  }
}

const written = 'SELECT, INSERT, UPDATE, DELETE';

/** Privileges, and tables of one schema: `schema.*` for all of them. */
type Grant = readonly [privileges: string, tables: string];

/** What keeps a checkpoint and takes turns with others of its kind. */
const leads: readonly Grant[] = [
  ['SELECT, INSERT, UPDATE', 'runtime.checkpoints'],
  ['SELECT, INSERT, UPDATE', 'runtime.leadership'],
];

/**
 * What each role needs of the tables. Nobody but internal and subscribers reads the vault, and endings and
 * tombstones are nobody's to change or to delete. A row can be locked only by who may update some column
 * of it: hence single columns.
 */
const duties: Readonly<Record<string, readonly Grant[]>> = {
  postbreeze_api: [
    ['SELECT', 'access.*'],
    [written, 'access.rate_limits'],
    ['SELECT', 'registry.channels'],
    ['SELECT, INSERT', 'registry.endings'],
    ['SELECT', 'read_model.channels'],
    // What a preview counts.
    ['SELECT', 'publishing.post_targets'],
    ['SELECT (channel_id)', 'insights.analytics_snapshots'],
    ['SELECT (channel_id)', 'insights.comments'],
  ],
  postbreeze_internal: [
    ['SELECT, UPDATE (created_at)', 'access.workspaces'],
    ['SELECT', 'access.service_credentials'],
    ['SELECT, INSERT, UPDATE', 'registry.channels'],
    ['SELECT, INSERT, UPDATE', 'registry.grants'],
    ['SELECT, INSERT', 'registry.endings'],
    [written, 'registry.idempotency_keys'],
    ['SELECT, INSERT, UPDATE', 'vault.tokens'],
    ['SELECT, INSERT, UPDATE', 'vault.leases'],
    ['SELECT', 'read_model.channels'],
    ['SELECT', 'runtime.checkpoints'],
  ],
  postbreeze_projector: [
    ...leads,
    ['SELECT', 'runtime.projections'],
    // A generation's row is held while its rows are written.
    ['SELECT, UPDATE', 'runtime.generations'],
    [written, 'read_model.*'],
    ['SELECT, INSERT, UPDATE', 'registry.channels'],
    ['SELECT, INSERT', 'registry.endings'],
  ],
  postbreeze_relay: leads,
  postbreeze_subscribers: [
    ...leads,
    [written, 'effects.*'],
    ['SELECT, UPDATE', 'registry.channels'],
    ['SELECT, INSERT, UPDATE', 'registry.grants'],
    ['SELECT, INSERT', 'registry.endings'],
    ['SELECT, INSERT, UPDATE', 'vault.tokens'],
    // Whether a refresh is under way: then the token that a revocation has may be spent.
    ['SELECT', 'vault.leases'],
    [written, 'vault.revocation_copies'],
    ['SELECT, UPDATE', 'publishing.posts'],
    ['SELECT, UPDATE', 'publishing.post_targets'],
    ['SELECT, DELETE, UPDATE (id)', 'insights.analytics_snapshots'],
    ['SELECT, DELETE, UPDATE (id)', 'insights.comments'],
  ],
};

function onWhat(tables: string): string {
  return tables.endsWith('.*') ? `ALL TABLES IN SCHEMA ${tables.slice(0, -2)}` : tables;
}

function schemasOf(grants: readonly Grant[]): Set<string> {
  return new Set(grants.map(([, tables]) => tables.split('.')[0]!));
}
