import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import type { AuditedAction } from '@app/operations';
import { audited } from '@app/operations';
import { useTestBed } from '@app/testing';

const bed = useTestBed();
let dataSource: DataSource;
let settings: Settings;
beforeAll(async () => {
  dataSource = await bed.dataSource();
  settings = await bed.settings('ops');
});

/** An action that no other test has. */
function anAction(given: Partial<AuditedAction> = {}): AuditedAction {
  return {
    actor: 'ana@example.com',
    reason: 'a test',
    command: `keys revoke ${randomUUID()}`,
    args: { id: 'key_1' },
    ...given,
  };
}

interface Row {
  readonly action_id: string;
  readonly phase: string;
  readonly arguments: unknown;
  readonly error: string | null;
}

function rowsOf({ command }: AuditedAction, on = dataSource): Promise<Row[]> {
  return on.query('SELECT * FROM audit.operator_actions WHERE command = $1 ORDER BY id', [command]);
}

describe('An audited action', () => {
  it('has started for everybody to see before it changes anything, and then how it ended', async () => {
    const action = anAction();
    const answer = await audited(settings, action, async () => {
      expect(await rowsOf(action)).toMatchObject([{ phase: 'started' }]);
      return 'done';
    });
    expect(answer).toBe('done');
    const [started, ended] = await rowsOf(action);
    expect(started).toEqual({
      id: expect.any(String) as string,
      action_id: expect.any(String) as string,
      at: expect.any(Date) as Date,
      login: 'postgres',
      phase: 'started',
      actor: 'ana@example.com',
      reason: 'a test',
      command: action.command,
      arguments: { id: 'key_1' },
      error: null,
    });
    expect(ended).toMatchObject({ action_id: started!.action_id, phase: 'succeeded' });
  });

  it('that fails says why, without anything that looks like a credential', async () => {
    const action = anAction();
    const secret = `pb_live_${randomBytes(16).toString('hex')}`;
    const failing = audited(settings, action, async () => {
      throw new Error(`There is no key ${secret}\nand a second line`);
    });
    await expect(failing).rejects.toThrow(secret);
    expect(await rowsOf(action)).toMatchObject([
      { phase: 'started', error: null },
      { phase: 'failed', error: 'There is no key [removed]' },
    ]);
  });

  it('keeps no credential that was given in the place of something else', async () => {
    const secret = `pb_svc_${randomBytes(16).toString('hex')}`;
    const digest = randomBytes(32).toString('hex');
    const args = { id: secret, scopes: ['lease', secret] };
    const action = anAction({ args, evidence: { digest } });
    await audited(settings, action, async () => undefined);
    const kept = { id: '[removed]', scopes: ['lease', '[removed]'], digest };
    expect(await rowsOf(action)).toMatchObject([{ arguments: kept }, { arguments: kept }]);
  });

  it('that can not be written down is not done', async () => {
    const work = jest.fn();
    const name = `login_${randomBytes(6).toString('hex')}`;
    await dataSource.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`);
    bed.atEnd(async () => {
      await dataSource.query(`DROP OWNED BY ${name}`);
      await dataSource.query(`DROP ROLE ${name}`);
    });
    // All that an operator's login may need, but for the audit's role.
    await dataSource.query(`GRANT pg_read_all_data, pg_write_all_data TO ${name}`);
    const url = new URL(await bed.databaseUrl());
    Object.assign(url, { username: name, password: 'secret' });
    const action = anAction();
    const refused = audited({ ...settings, databaseUrl: url.href }, action, work);
    await expect(refused).rejects.toThrow(
      /^Nothing was changed: the audit can't be written \(permission denied to set role "postbreeze_audit"\): have an administrator GRANT postbreeze_audit to that login$/,
    );
    expect(work).not.toHaveBeenCalled();

    await dataSource.query(`GRANT postbreeze_audit TO ${name}`);
    await audited({ ...settings, databaseUrl: url.href }, action, work);
    expect(await rowsOf(action)).toMatchObject([{ login: name }, { login: name }]);
  });

  it('that can not be said to be done has happened, and has started at least', async () => {
    const action = anAction();
    const ended = audited(settings, action, async () => {
      const rows = await rowsOf(action);
      // Somebody else's outcome under its id: there is one outcome of an action.
      await dataSource.query(
        `INSERT INTO audit.operator_actions (action_id, phase, actor, reason, command, arguments)
         VALUES ($1, 'succeeded', 'x', 'x', 'x', '{}')`,
        [rows[0]!.action_id],
      );
    });
    await expect(ended).rejects.toThrow(/^It is done, but the audit doesn't say so: the audit/);
    expect(await rowsOf(action)).toMatchObject([{ phase: 'started' }]);
  });
});

describe('What stands in the audit', () => {
  it.each([
    "UPDATE audit.operator_actions SET actor = 'somebody else'",
    'DELETE FROM audit.operator_actions',
    'TRUNCATE audit.operator_actions',
  ])('is refused to anybody, the owner included: %s', async (statement) => {
    const action = anAction();
    await audited(settings, action, async () => undefined);
    await expect(dataSource.query(statement)).rejects.toThrow(/^what was audited stays: /);
    expect(await rowsOf(action)).toMatchObject([{ actor: 'ana@example.com' }, {}]);
  });

  it.each([
    'SELECT FROM audit.operator_actions',
    "UPDATE audit.operator_actions SET actor = 'somebody else'",
    'DELETE FROM audit.operator_actions',
    'TRUNCATE audit.operator_actions',
    'ALTER TABLE audit.operator_actions DISABLE TRIGGER ALL',
    `INSERT INTO audit.operator_actions (action_id, phase, actor, reason, command, arguments, at)
     VALUES (gen_random_uuid(), 'started', 'x', 'x', 'x', '{}', '2020-01-01')`,
    `INSERT INTO audit.operator_actions (action_id, phase, actor, reason, command, arguments, login)
     VALUES (gen_random_uuid(), 'started', 'x', 'x', 'x', '{}', 'somebody else')`,
    'SELECT FROM vault.tokens',
  ])('is written by a role that may not: %s', async (statement) => {
    const tried = dataSource.transaction(async (manager) => {
      await manager.query('SET LOCAL ROLE postbreeze_audit');
      await manager.query(statement);
    });
    await expect(tried).rejects.toMatchObject({ code: '42501' });
  });
});
