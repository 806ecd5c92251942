import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceRole } from '@app/config';
import { serviceRoles } from '@app/config';
import type { TestBed } from '@app/testing';
import { dockerScript } from '../architecture/compose';
import { runSql } from './run-sql';

/** A login for each role, made by the scripts of docker/: the url of the bed's database for each. Gone at the end. */
export async function makeLogins(bed: TestBed): Promise<Map<ServiceRole, string>> {
  const owner = await bed.databaseUrl();
  const secrets = join(bed.folder, 'secrets');
  dockerScript('make-secrets.sh', secrets);
  const sql = dockerScript('postgres/logins.sh', '--print', secrets);
  const names = serviceRoles.map((role) => `channels_${role}`);
  bed.atEnd(() => runSql(owner, `DROP ROLE IF EXISTS ${names.join(', ')}`));
  // Safe to repeat.
  for (const statements of [sql, sql]) await runSql(owner, statements);
  return new Map(
    serviceRoles.map((role) => {
      const url = new URL(readFileSync(join(secrets, `database-url-${role}`), 'utf8').trim());
      const { host, pathname } = new URL(owner);
      Object.assign(url, { host, pathname });
      return [role, url.href];
    }),
  );
}
