import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { OpsRun } from '@app/testing';
import { aChannelId, aUserId, runOps, useTestBed } from '@app/testing';
import { opsInProcess } from '../support/ops-in-process';
import { standOfStores } from '../support/stores';

const bed = useTestBed({ patient: true });
let dataSource: DataSource;
let env: NodeJS.ProcessEnv;
/** Every command that changes something, with arguments that it takes. */
let changes: readonly string[][];

const ops = (...args: string[]): Promise<OpsRun> => runOps(args, env, bed.folder);
const mandate = ['--actor', 'ana@example.com', '--reason', 'a test'];

beforeAll(async () => {
  dataSource = await bed.dataSource();
  await bed.createTopics();
  env = await bed.environment();
  Object.assign(process.env, env);
  const channelId = aChannelId();
  await dataSource.query(
    `INSERT INTO effects.work (effect, channel_id, state, parked_at, error)
     VALUES ('token-wipe', $1, 'parked', now(), 'a reason')`,
    [channelId],
  );
  const made = await ops('workspaces', 'create', 'Acme', '--json', ...mandate);
  const { id: workspace } = JSON.parse(made.stdout) as { id: string };
  const user = aUserId();
  await ops('workspaces', 'admit', workspace, '--role', 'OWNER', '--user', user, ...mandate);
  const minted = await ops('keys', 'mint', '--user', user, '--json', ...mandate);
  const { id: key } = JSON.parse(minted.stdout) as { id: string };
  changes = [
    ['setup'],
    ['workspaces', 'create', 'Another'],
    ['workspaces', 'admit', workspace, '--role', 'EDITOR', '--user', user],
    ['keys', 'mint', '--user', user],
    ['keys', 'mint', '--service', 'publisher', '--scope', 'lease'],
    ['keys', 'revoke', key],
    ['parked', 'redrive', `token-wipe:${channelId}`],
    ['vault', 'rotate-kek'],
  ];
});

function audit(): Promise<{ phase: string; actor: string; command: string; arguments: object }[]> {
  return dataSource.query('SELECT * FROM audit.operator_actions ORDER BY id');
}

describe('A command that changes something', () => {
  it('is audited, and never with a secret', async () => {
    const { stdout } = await ops('keys', 'mint', '--service', 'x', '--scope', 'lease', ...mandate);
    const [id, secret] = stdout.split('\n') as [string, string];
    const [started, ended] = (await audit()).slice(-2);
    expect(started).toMatchObject({
      phase: 'started',
      actor: 'ana@example.com',
      command: 'keys mint',
      arguments: { service: 'x', scopes: ['lease'] },
    });
    expect(ended).toMatchObject({ phase: 'succeeded', command: 'keys mint' });
    expect(id).toMatch(/^svc_/);
    expect(JSON.stringify(await audit())).not.toContain(secret);
    const listed = JSON.parse(
      (await ops('audit', 'list', '--limit', '1', '--json')).stdout,
    ) as object;
    expect(listed).toEqual([
      {
        id: expect.any(String) as string,
        at: expect.stringMatching(/Z$/) as string,
        endedAt: expect.stringMatching(/Z$/) as string,
        outcome: 'succeeded',
        actor: 'ana@example.com',
        login: 'postgres',
        reason: 'a test',
        command: 'keys mint',
        args: { service: 'x', scopes: ['lease'] },
        error: null,
      },
    ]);
  });

  it('is audited as failed when it fails', async () => {
    const run = await ops('keys', 'revoke', 'key_1', '--yes', ...mandate);
    expect(run.code).toBe(3);
    const lost = await ops('parked', 'redrive', 'token-wipe:soc_1', ...mandate);
    expect(lost.code).toBe(3);
    const [started, ended] = (await audit()).slice(-2);
    expect(started).toMatchObject({ phase: 'started', command: 'parked redrive' });
    expect(ended).toMatchObject({
      phase: 'failed',
      error: 'token-wipe:soc_1 is not parked: see ops parked list',
    });
    const { stdout } = await ops('audit', 'list');
    expect(stdout).toMatch(
      /^AT .*\n\S+ +ana@example\.com +parked redrive +failed \(token-wipe:soc_1 is not parked.*\{"id":"token-wipe:soc_1"\}\n/,
    );
  });

  it('says what it would do with --dry-run, for which nobody must answer, and does nothing', async () => {
    const events = await bed.eventStore();
    const before = await standOfStores(bed, { dataSource, events });
    for (const change of changes) {
      const { code, printed } = await opsInProcess(...change, '--dry-run', '--json');
      expect([change, code, printed.length]).toEqual([change, 0, 1]);
      const { dryRun, would } = JSON.parse(printed[0]!) as { dryRun: boolean; would: string[] };
      // Everything is set up.
      expect([change, dryRun, would.length]).toEqual([change, true, change[0] === 'setup' ? 0 : 1]);
    }
    expect(await opsInProcess('setup', '--dry-run')).toEqual({
      code: 0,
      printed: ['nothing to do'],
    });
    expect((await ops(...changes[1]!, '--dry-run')).stdout).toBe(
      'would make a workspace named Another\n',
    );
    expect(await standOfStores(bed, { dataSource, events })).toEqual(before);
  });

  // Each of them is refused in the unit test of the command line.
  it('asks who changes it and why before anything else', async () => {
    const before = await audit();
    expect(await runOps(changes[1]!, { ...env, OPS_ACTOR: '' }, bed.folder)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'ops: Say who changes this and why: give --actor <who> (or set OPS_ACTOR) and --reason <why>\n',
    });
    expect(await audit()).toEqual(before);
  });

  it('that destroys is not done unless somebody confirms it', async () => {
    const minted = await ops(
      'keys',
      'mint',
      '--service',
      'x',
      '--scope',
      'lease',
      '--json',
      ...mandate,
    );
    const { id } = JSON.parse(minted.stdout) as { id: string };
    const before = await audit();
    const refused = await ops('keys', 'revoke', id, ...mandate);
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(
      /^ops: nobody is there to confirm it: give --yes to revoke [^\n]+\n$/,
    );
    expect(await audit()).toEqual(before);
    expect(await ops('keys', 'revoke', id, '--yes', ...mandate)).toMatchObject({ code: 0 });
  });
});

describe('Commands that write files', () => {
  it('need no database and nobody to answer for them, and can be tried first', async () => {
    const path = join(bed.folder, 'fresh.json');
    const bare = (...args: string[]) => runOps(args, {}, bed.folder);
    for (const group of ['vault', 'receipts']) {
      const file = `${path}.${group}`;
      const tried = await bare(group, 'create-keys', file, '--dry-run');
      expect(tried).toEqual({
        code: 0,
        stdout: `would make the key file ${file}, mode 0600\n`,
        stderr: '',
      });
      expect(existsSync(file)).toBe(false);
      const made = await bare(group, 'create-keys', file, '--json');
      expect(made).toEqual({ code: 0, stdout: `{"made":"${file}"}\n`, stderr: '' });
      const again = await bare(group, 'create-keys', file);
      expect(again).toMatchObject({ code: 1, stdout: '' });
      expect(again.stderr).toMatch(/there is a file of that name already\n$/);
    }
    const rotated = await bare('receipts', 'rotate-keys', `${path}.receipts`, '--dry-run');
    expect(rotated.stdout).toBe(`would add a key that signs to the 1 in ${path}.receipts\n`);
  });
});

describe('setup', () => {
  const name = `empty_${randomBytes(6).toString('hex')}`;

  it('is audited once it is done, in one row', async () => {
    await dataSource.query(`CREATE DATABASE ${name}`);
    bed.atEnd(() => dataSource.query(`DROP DATABASE ${name} WITH (FORCE)`));
    const url = new URL(await bed.databaseUrl());
    url.pathname = `/${name}`;
    const KAFKA_NAME_PREFIX = `${bed.kafkaNamePrefix}x.`;
    const setUp = (...args: string[]): Promise<OpsRun> =>
      runOps(['setup', ...args], { ...env, DATABASE_URL: url.href, KAFKA_NAME_PREFIX }, bed.folder);

    const { stdout: preview } = await setUp('--dry-run');
    const done = await setUp('--json', ...mandate);
    const report = JSON.parse(done.stdout) as { migrations: string[]; topics: string[] };
    expect(preview.trim().split('\n')).toEqual([
      ...report.migrations.map((migration) => `would migrate: ${migration}`),
      ...report.topics.map((topic) => `would create topic: ${topic}`),
    ]);
    expect([report.migrations.length > 5, report.topics.length]).toEqual([true, 2]);
    expect(await setUp(...mandate)).toEqual({ code: 0, stdout: 'nothing to do\n', stderr: '' });

    const client = new Client({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query(
      'SELECT phase, actor, command, arguments FROM audit.operator_actions',
    );
    await client.end();
    expect(rows).toEqual([
      { phase: 'succeeded', actor: 'ana@example.com', command: 'setup', arguments: report },
    ]);
  });
});
