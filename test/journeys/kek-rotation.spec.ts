import type { DataSource } from 'typeorm';
import type { Members } from '@app/testing';
import { anAccount, freePort, membersOf, runOps, useTestBed } from '@app/testing';
import { Keyring } from '@app/token-vault';
import { InternalService } from '../support/internal-service';

describe('ops vault rotate-kek', () => {
  const bed = useTestBed({ patient: true });
  let members: Members;
  let dataSource: DataSource;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    members = await membersOf(bed);
    dataSource = await bed.dataSource();
    env = await bed.environment({ READ_MODEL_WAIT_MS: '0' });
    // Its registrar opens the leases of a process that starts later.
    await bed.startRole('projector', env);
  });

  const start = async (): Promise<InternalService> => {
    const port = { INTERNAL_PORT: String(await freePort()) };
    const { url } = await bed.startRole('internal', { ...env, ...port });
    return new InternalService(url, await members.mintService(['connect', 'lease']));
  };
  /** As an operator's console is: without the key file. */
  const rotate = (...flags: string[]) => {
    const { VAULT_KEY_FILE: _, ...console } = env;
    const args = ['vault', 'rotate-kek', '--reason', 'a test', ...flags];
    return runOps(args, console, bed.folder);
  };

  it('reaches every internal process without a restart, and every token stays readable', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    const accounts = Array.from({ length: 3 }, () => anAccount());
    const ids = await Promise.all(
      accounts.map(async (account) => (await one.connect(account)).body.id),
    );
    const keyring = Keyring.fromFile(bed.vaultKeyFile());
    const former = keyring.activeId;

    const { code, stdout, stderr } = await rotate('--json');

    expect([code, stderr]).toEqual([0, '']);
    expect(keyring.activeId).not.toBe(former);
    expect(JSON.parse(stdout)).toEqual([{ keyId: keyring.activeId, channels: 3 }]);
    for (const service of [one, other]) {
      for (const [n, id] of ids.entries()) {
        const { body } = await service.leaseOnceOpen(id);
        expect(body.accessToken).toBe(accounts[n]!.tokens.accessToken);
      }
    }
    const later = await other.connect();
    const sealed: object[] = await dataSource.query(
      'SELECT key_id FROM vault.tokens WHERE channel_id = $1',
      [later.body.id],
    );
    expect(sealed).toEqual([{ key_id: keyring.activeId }]);
    const again = await rotate();
    expect(again.stdout).toMatch(/^KEY +CHANNELS\nkek-[0-9a-f]{16} +4\n$/);
    // Every few seconds a line.
    const progress = again.stderr.split('\n').slice(0, -1);
    for (const line of progress) {
      expect(line).toMatch(/^tokens rewrapped: \d(\/4)?, \d+ channels\/s(, \d+ s left)?$/);
    }
    expect(progress.at(-1)).toMatch(/^tokens rewrapped: 4\/4, /);
  });
});
