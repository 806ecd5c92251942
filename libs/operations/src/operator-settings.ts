import { resolve } from 'node:path';
import type { OperatorRole } from '@app/config';
import {
  loadSettings,
  readEnvironment,
  Settings,
  SettingsError,
  withSecretsFromFiles,
} from '@app/config';
import { findRunningStack } from './running-stack';

/**
 * The settings of an operator's command: as they are given, or where DATABASE_URL isn't, those of the
 * local stack that runs on DATA_DIR.
 *
 * @param tell gets a line about the stack, when one is used
 * @throws SettingsError, which names both ways
 */
export function operatorSettings(
  role: OperatorRole,
  tell: (line: string) => void,
  environment: Readonly<NodeJS.ProcessEnv> = readEnvironment(),
): Settings {
  const whole = withSecretsFromFiles(environment);
  const given = Object.fromEntries(Object.entries(whole).filter(([, value]) => value));
  if (given['DATABASE_URL']) return loadSettings(role, given);

  const dataDir = resolve(given['DATA_DIR'] ?? new Settings().dataDir);
  const stack = findRunningStack(dataDir);
  if (stack) {
    tell(`using the local stack in ${dataDir} (process ${stack.process.pid})`);
    return loadSettings(role, { ...stack.environment, ...given });
  }
  try {
    return loadSettings(role, given);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new SettingsError([
      error.message,
      `or start the local stack with npm start: none runs on ${dataDir}`,
    ]);
  }
}
