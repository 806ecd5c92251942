import { Client } from 'pg';
import { replaying } from '@app/operations';
import type { ServiceRole } from '@app/config';
import { announcedEffects } from '@app/domain';
import { membersOf, useTestBed, waitFor } from '@app/testing';
import { addContent, contentOf } from '../support/content';
import { outcomeOf } from '../support/internal-service';
import { makeLogins } from '../support/logins';
import { WholeService } from '../support/whole-service';

describe('The service, each role of which has a login of its own', () => {
  const bed = useTestBed({ patient: true });
  let urls: Map<ServiceRole, string>;
  let service: WholeService;
  beforeAll(async () => {
    // An effect that nobody but Kafka asks for: as in most of a service's life.
    const env = await bed.environment({ RECONCILE_AFTER_MS: '600000' });
    service = await WholeService.of(bed, await membersOf(bed), env);
    urls = await makeLogins(bed);
    for (const [role, url] of urls) service.only.set(role, { DATABASE_URL: url });
    await bed.createTopics();
    await service.start();
  });

  it('connects, leases, disconnects with every effect, and follows the rows of a replay', async () => {
    const dataSource = await bed.dataSource();
    const account = service.anAccount();
    const row = await service.connect(account);
    await addContent(dataSource, row, { snapshots: 2, comments: 2, scheduled: 1, published: 1 });
    expect(outcomeOf(await service.internal.leaseOnceOpen(row.id))).toBe('200');
    await service.disconnect(row);
    await service.completed(row);
    expect(await contentOf(dataSource, row.id)).toEqual({
      ...{ snapshots: 0, comments: 0, sealed: false },
      targets: { CANCELED: 1, PUBLISHED: 1 },
    });
    const each = Object.fromEntries(announcedEffects.map((effect) => [effect, 1]));
    expect(await service.outcomesOf(row)).toEqual(each);

    const settings = await bed.settings('ops events');
    const { signal } = new AbortController();
    const asked = { show: true, signal, onProgress: () => undefined };
    await replaying(settings, 'channels', asked).apply({ actor: 'tests', reason: 'new tables' });
    const again = await service.connect(account);
    const projected = () =>
      dataSource.query<object[]>('SELECT FROM read_model.channels WHERE id = $1', [again.id]);
    await waitFor(async () => (await projected()).length === 1, { what: 'its row' });
    expect(await service.row(again)).toEqual(again);
    await service.stop();
  });

  it.each<[ServiceRole, string[]]>([
    ['api', ['access', 'insights', 'public', 'publishing', 'read_model', 'registry']],
    [
      'internal',
      ['access', 'graphile_worker', 'public', 'read_model', 'registry', 'runtime', 'vault'],
    ],
    ['projector', ['public', 'read_model', 'registry', 'runtime']],
    ['relay', ['public', 'runtime']],
    [
      'subscribers',
      [
        'effects',
        'graphile_worker',
        'insights',
        'public',
        'publishing',
        'registry',
        'runtime',
        'vault',
      ],
    ],
  ])(
    'lets %s read nothing but what it needs, and delete nothing that is final',
    async (role, schemas) => {
      const client = new Client({ connectionString: urls.get(role) });
      await client.connect();
      try {
        const { rows } = await client.query<{ schema: string }>(
          `SELECT DISTINCT nspname AS schema
           FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
          WHERE relkind IN ('r', 'v') AND nspname NOT IN ('pg_catalog', 'information_schema')
            AND has_schema_privilege(nspname, 'USAGE')
            AND has_any_column_privilege(pg_class.oid, 'SELECT') ORDER BY nspname`,
        );
        expect(rows.map(({ schema }) => schema)).toEqual(schemas);
        const vault = client.query('SELECT FROM vault.tokens, vault.leases');
        if (schemas.includes('vault')) await vault;
        else await expect(vault).rejects.toMatchObject({ code: '42501' });
        for (const table of ['registry.endings', 'vault.tokens', 'audit.operator_actions']) {
          for (const kept of [`DELETE FROM ${table}`, `TRUNCATE ${table}`])
            await expect(client.query(kept)).rejects.toMatchObject({ code: '42501' });
        }
      } finally {
        await client.end();
      }
    },
  );
});
