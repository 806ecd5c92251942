import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { config as readDotenv } from 'dotenv';
import type { Role } from './roles';
import { withoutSecretsOf, withSecretsFromFiles } from './secret-files';
import { declaredSettings } from './setting.decorator';
import { Settings } from './settings';
import { SettingsError } from './settings-error';

/**
 * The settings of a process: the environment, over `.env` in the current folder, over the
 * defaults. What may be a secret may also stand in the file that `<NAME>_FILE` names.
 *
 * @throws SettingsError naming every variable that is missing or wrong, never its value: it
 *   may be a secret.
 */
export function loadSettings(
  role: Role,
  environment: Readonly<NodeJS.ProcessEnv> = readEnvironment(),
): Settings {
  const env = withSecretsFromFiles(environment);
  const given: Record<string, unknown> = { role };
  for (const { property, variable } of declaredSettings()) {
    if (env[variable] !== undefined && env[variable] !== '') given[property] = env[variable];
  }

  const settings = plainToInstance(Settings, given, { exposeDefaultValues: true });
  const problems = validateSync(settings).map(({ property, constraints }) => {
    const { variable, example } = declaredSettings().find((s) => s.property === property)!;
    const rule = Object.values(constraints ?? {})
      .map((text) => text.replace(property, 'it'))
      .join(' and ');
    return given[property] === undefined
      ? `Set ${variable}${example ? `, for example ${variable}=${example}` : ''}`
      : `${variable} can't be used: ${rule}`;
  });
  if (settings.failpoint && env['NODE_ENV'] !== 'test') {
    problems.push('FAILPOINT is for tests alone: unset it');
  }
  if (settings.role === 'subscribers' && settings.workerConcurrency >= settings.databasePoolSize) {
    problems.push(
      'Set DATABASE_POOL_SIZE to more than WORKER_CONCURRENCY: each effect under way holds a connection',
    );
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** The environment, over `.env` in the current folder. */
export function readEnvironment(): NodeJS.ProcessEnv {
  const { parsed = {} } = readDotenv({ quiet: true, processEnv: {} });
  return { ...withoutSecretsOf(process.env, parsed), ...process.env };
}

/** Settings as another process of ours gets them; unset ones are left out. */
export function settingsToEnvironment(settings: Settings): Record<string, string> {
  const values = settings as unknown as Record<string, unknown>;
  const entries = declaredSettings()
    .filter(({ property }) => values[property] !== undefined)
    .map(({ property, variable }) => [variable, String(values[property])]);
  return Object.fromEntries(entries) as Record<string, string>;
}
