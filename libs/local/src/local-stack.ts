import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServiceRole, Settings } from '@app/config';
import {
  loadSettings,
  serviceRoles,
  settingsToEnvironment,
  withSecretsFromFiles,
} from '@app/config';
import { clearEngineData } from '@app/embedded';
import { announceStack, settingUp } from '@app/operations';
import { createReceiptKeys } from '@app/receipts';
import { Keyring } from '@app/token-vault';
import type { Say } from './child';
import type { EngineUrls } from './engines';
import { startEngines } from './engines';
import { claimDataFolder } from './folder-claim';
import { KeptRunning } from './kept-running';
import { lineWriter } from './line-writer';
import { startRole } from './role-process';

export interface LocalStackOptions {
  readonly settings: Settings;
  /** Empties the data folder first. */
  readonly fresh: boolean;
  /** Roles that are left out, to see what happens without them. */
  readonly without: readonly ServiceRole[];
  /** `screen`: each role's log lines as they come; `files`: into the data folder. */
  readonly logs: 'screen' | 'files';
  readonly say: Say;
}

/** The whole service on one machine. */
export interface LocalStack {
  readonly urls: EngineUrls;
  readonly settings: Settings;
  /** Roles first, so that none sees its engines go; then the engines. */
  stop(): Promise<void>;
}

/**
 * Starts engines, sets them up, and starts every role as a process of its own.
 *
 * @throws Error with one readable line, after all that was started has been stopped
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { say, fresh } = options;
  const dataDir = resolve(options.settings.dataDir);
  // Keys, tokens' ciphertext and logs: nobody else's business.
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  claimDataFolder(dataDir);
  if (fresh) {
    await emptyDataFolder(dataDir, say);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    claimDataFolder(dataDir);
  }

  const engines = await startEngines({ ...options.settings, dataDir }, say);
  const roles: KeptRunning[] = [];
  let withdraw = (): void => undefined;
  const stop = async (): Promise<void> => {
    withdraw();
    await Promise.all(roles.map((role) => role.stop()));
    await engines.stop();
  };
  try {
    const environment = roleEnvironment(options.settings, engines.urls);
    const settings = loadSettings('ops setup', environment);
    const { migrations, topics } = await settingUp(settings).apply(mandate);
    say(`set up: ${migrations.length} migrations run, ${topics.length} topics created`);
    const wanted = serviceRoles.filter((role) => !options.without.includes(role));
    const secrets = await secretsOf(dataDir, environment);
    withdraw = announceStack(dataDir, operatorEnvironment(engines.urls, secrets));
    const started = await Promise.allSettled(
      wanted.map(async (role) => {
        const env = { ...environment, ...secrets[role] };
        const onLine = await lineWriter({ ...options, dataDir, role });
        roles.push(await KeptRunning.start(role, () => startRole({ role, env, onLine }), say));
      }),
    );
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    say(`all roles are ready: ${wanted.join(', ')}`);
    return { urls: engines.urls, settings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As whom the stack sets its database up. */
const mandate = { actor: 'local-stack', reason: 'the local stack was started' };

/** What the operators' command line needs: no key that opens tokens is in it. */
function operatorEnvironment(
  { databaseUrl, kafkaBrokers, eventstoreUrl }: EngineUrls,
  secrets: Secrets,
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: kafkaBrokers,
    EVENTSTORE_URL: eventstoreUrl,
    RECEIPT_KEY_FILE: resolve(secrets.api.RECEIPT_KEY_FILE),
  };
}

/** What every role gets; no key file is in it. */
function roleEnvironment(settings: Settings, urls: EngineUrls): NodeJS.ProcessEnv {
  const whole: NodeJS.ProcessEnv = {
    ...withSecretsFromFiles(process.env),
    // Nobody sends here but who stops it.
    ...settingsToEnvironment({ ...settings, ...urls, shutdownDrainMs: 0 }),
  };
  // Machines' lines, whoever gets to see them: this process makes them readable.
  whole['LOG_FORMAT'] = 'json';
  const { VAULT_KEY_FILE: _, RECEIPT_KEY_FILE: __, ...environment } = whole;
  return environment;
}

interface Secrets extends Partial<Record<ServiceRole, NodeJS.ProcessEnv>> {
  readonly api: { readonly RECEIPT_KEY_FILE: string };
}

/** The key files, each for the role that needs it; made at the first start where none is given. */
async function secretsOf(
  dataDir: string,
  { REVOKED_GRANTS, REVOCATION_KEYS_DIR }: NodeJS.ProcessEnv,
): Promise<Secrets> {
  const vault = process.env['VAULT_KEY_FILE'] ?? join(dataDir, 'vault-keys.json');
  const receipts = process.env['RECEIPT_KEY_FILE'] ?? join(dataDir, 'receipt-keys.json');
  if (!existsSync(vault)) Keyring.create(vault);
  if (!existsSync(receipts)) await createReceiptKeys(receipts);
  // Where no grant is withdrawn, only the internal API may open tokens.
  const revoking = {
    VAULT_KEY_FILE: vault,
    REVOCATION_KEYS_DIR: REVOCATION_KEYS_DIR ?? join(dataDir, 'revocation-keys'),
  };
  return {
    internal: { VAULT_KEY_FILE: vault },
    api: { RECEIPT_KEY_FILE: receipts },
    subscribers: REVOKED_GRANTS ? revoking : {},
  };
}

async function emptyDataFolder(dataDir: string, say: Say): Promise<void> {
  for (const engine of ['postgres', 'kafka']) await clearEngineData(join(dataDir, engine), say);
  await rm(dataDir, { recursive: true, force: true });
  say(`emptied ${dataDir}`);
}
