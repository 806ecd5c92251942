import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceRole } from '@app/config';
import { serviceRoles } from '@app/config';
import type { TestBed } from '@app/testing';
import { dockerScript } from '../architecture/compose';
import { runSql } from './run-sql';

/** How the names begin that docker/ gives them. */
const ofDocker = 'channels_';

/**
 * A login for each role, made by the scripts of docker/: the url of the bed's database for each. Gone at the end.
 * Logins are the server's, and the operator's manual makes some in another file at the same time: these have
 * names of their own.
 */
export async function makeLogins(bed: TestBed): Promise<Map<ServiceRole, string>> {
  const owner = await bed.databaseUrl();
  const secrets = join(bed.folder, 'secrets');
  dockerScript('make-secrets.sh', secrets);
  const prefix = `test_${randomBytes(6).toString('hex')}_`;
  const sql = dockerScript('postgres/logins.sh', '--print', secrets).replaceAll(ofDocker, prefix);
  const names = serviceRoles.map((role) => `${prefix}${role}`);
  bed.atEnd(() => runSql(owner, `DROP ROLE IF EXISTS ${names.join(', ')}`));
  // Safe to repeat.
  for (const statements of [sql, sql]) await runSql(owner, statements);
  return new Map(
    serviceRoles.map((role) => {
      const url = new URL(readFileSync(join(secrets, `database-url-${role}`), 'utf8').trim());
      const { host, pathname } = new URL(owner);
      Object.assign(url, { host, pathname, username: url.username.replace(ofDocker, prefix) });
      return [role, url.href];
    }),
  );
}
