import { projections } from '@app/projections';
import { useTestBed } from '@app/testing';
import { GenerationsUnderTest } from '../../support/generations-under-test';

const planted = 100;

describe('A check of the rows against the events', () => {
  const bed = useTestBed();
  let projected: GenerationsUnderTest;
  beforeAll(async () => {
    projected = await GenerationsUnderTest.on(bed);
    await projected.appendLives('checked', 160);
    projected.startProjector();
    await projected.caughtUp();
  });

  it.each(projections.map(({ name }) => name))('finds nothing wrong with %s', async (name) => {
    const report = await projected.verify(name);
    expect(report).toMatchObject({
      generation: 1,
      rows: (await projected.rows(name)).length,
      wrong: [],
    });
    expect(report.events).toBeGreaterThan(500);
  });

  it(`finds exactly ${planted} planted wrong rows, with what differs, and leaves nothing behind`, async () => {
    const { dataSource } = projected;
    const ids = (await projected.rows('channels')).map((row) => (row as { id: string }).id);
    const [missing, changed] = [ids.slice(0, 40), ids.slice(40, 80)];
    await dataSource.query('DELETE FROM read_model.channels_g1 WHERE id = ANY ($1)', [missing]);
    const changes = [
      ["handle = handle || '!'", 'handle'],
      ["scopes = scopes || '{admin}'", 'scopes'],
      ["meta = jsonb_build_object('planted', true)", 'meta'],
      ["connected_at = connected_at + interval '1 millisecond'", 'connectedAt'],
      ["last_refresh_error = coalesce(last_refresh_error, '') || '?'", 'lastRefreshError'],
    ] as const;
    for (const [n, id] of changed.entries()) {
      const [change] = changes[n % changes.length]!;
      await dataSource.query(`UPDATE read_model.channels_g1 SET ${change} WHERE id = $1`, [id]);
    }
    const extra = ids.slice(80, 100).map((id) => `${id}X`);
    await dataSource.query(
      `INSERT INTO read_model.channels_g1
       SELECT (jsonb_populate_record(row, jsonb_build_object('id', id || 'X'))).*
         FROM read_model.channels_g1 row WHERE id || 'X' = ANY ($1)`,
      [extra],
    );

    const { wrong, wrongRows } = await projected.verify('channels');
    const found = (kind: string) => wrong.filter((row) => row.kind === kind).map(({ key }) => key);
    expect([wrong.length, wrongRows]).toEqual([planted, planted]);
    expect(found('missing')).toEqual(missing);
    expect(found('extra')).toEqual(extra);
    expect(found('changed')).toEqual(changed);
    const fieldsOf = new Map(wrong.map(({ key, fields }) => [key, Object.keys(fields)]));
    for (const [n, id] of changed.entries()) {
      expect(fieldsOf.get(id)).toEqual([changes[n % changes.length]![1]]);
    }
    expect(wrong.find(({ key }) => key === changed[2])?.fields).toMatchObject({
      meta: { live: { planted: true } },
    });
    expect(await projected.tables('channels')).toEqual(['channels_g1']);
  });

  it('sees one moment, while rows go on changing under it', async () => {
    const more = projected.appendLives('meanwhile', 30);
    for (let n = 0; n < 5; n++) {
      expect(await projected.verify('receipts')).toMatchObject({ wrong: [] });
    }
    await more;
  });

  it('finds a wrong row after a replay no more', async () => {
    await projected.replay('channels');
    expect(await projected.verify('channels')).toMatchObject({ generation: 2, wrong: [] });
  });
});
