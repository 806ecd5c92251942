import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestBed } from '@app/testing';

/** As whom every platform is called. */
export const client = { clientId: 'an id', clientSecret: 'a-client-secret-of-ours' };

/** The files of the keys of copies that are there. */
export function copyKeys(bed: TestBed): string[] {
  return readdirSync(join(bed.folder, 'revocation-keys'));
}

/**
 * The environment of a process that withdraws the grants of every provider, all of them at one URL.
 *
 * @param url of a server on this machine
 */
export function revocationEnvironment(bed: TestBed, url: string): Record<string, string> {
  const file = join(bed.folder, 'revocation.json');
  const providers = { google: { url }, tiktok: { url, ...client }, x: { url, ...client } };
  writeFileSync(file, JSON.stringify({ ...providers, meta: { url, ...client } }), { mode: 0o600 });
  return {
    NODE_ENV: 'test',
    REVOKED_GRANTS: 'google,tiktok,x,meta',
    REVOCATION_FILE: file,
    REVOCATION_KEYS_DIR: join(bed.folder, 'revocation-keys'),
    REVOCATION_RETRY_MS: '50',
  };
}
