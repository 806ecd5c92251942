import type { Settings } from '@app/config';
import { topics } from '@app/contracts';
import { installWorkerSchema } from '@app/jobs';
import { createTopics, missingTopics } from '@app/kafka';
import { migrate, pendingMigrations } from '@app/persistence';
import { unusablePostgres } from '@app/role';
import type { Outcome } from './changes/audited';
import { auditAfterwards, failureOf } from './changes/audited';
import type { AuditedChange } from './changes/change';

/** What a set-up changed; empty lists when everything was there. */
export interface SetUpReport {
  readonly migrations: readonly string[];
  readonly topics: readonly string[];
}

/**
 * Database and Kafka brought to this release: schema, the workers' own schema, topics. Safe to
 * repeat, and to be run before a rolling upgrade. There may be no audit before it, so what it has
 * changed is written down afterwards, in one row.
 */
export function settingUp(settings: Settings): AuditedChange<SetUpReport> {
  return {
    preview: async () => {
      const [migrations, absent] = await Promise.all([
        migrationsToRun(settings),
        missingTopics(settings, topics, settings.startTimeoutMs),
      ]);
      return [
        ...migrations.map((name) => `migrate: ${name}`),
        ...absent.map((name) => `create topic: ${name}`),
      ];
    },
    apply: async (mandate) => {
      // Asked for first: where nothing answers, it says so within seconds, and what to do.
      await migrationsToRun(settings);
      const migrations = await migrate(settings.databaseUrl);
      await installWorkerSchema(settings.databaseUrl);
      const keep = (made: readonly string[], outcome: Outcome): Promise<void> =>
        auditAfterwards(
          settings,
          { ...mandate, command: 'setup', args: {}, evidence: { migrations, topics: made } },
          outcome,
        );
      const made = await createTopics(settings, topics, settings.startTimeoutMs).catch(
        async (error: unknown) => {
          if (migrations.length > 0) await keep([], failureOf(error));
          throw error;
        },
      );
      if (migrations.length + made.length > 0) await keep(made, { phase: 'succeeded' });
      return { migrations, topics: made };
    },
  };
}

function migrationsToRun(settings: Settings): Promise<string[]> {
  const { databaseUrl, startTimeoutMs } = settings;
  return pendingMigrations(databaseUrl, startTimeoutMs).catch(unusablePostgres(settings));
}
