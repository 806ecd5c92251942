import type { EventStore } from '@app/event-store';
import { projections } from '@app/projections';
import { connected, disconnected, useTestBed } from '@app/testing';
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

  it.each(projections.map(({ name }) => name))(
    'compares %s at one position, whatever is appended and projected meanwhile',
    async (name) => {
      const before = await projected.rows(name);
      // It asks where the store ends once it knows where the live rows stand, and before it reads.
      const endOfAll = async () => {
        const start = connected();
        await projected.append(start, 0);
        await projected.append(disconnected(start), 1);
        await projected.caughtUp();
        return projected.events.endOfAll();
      };
      const events = Object.assign(Object.create(projected.events) as EventStore, { endOfAll });
      const { rows, wrong, position } = await projected.verify(name, events);
      expect({ rows, wrong }).toEqual({ rows: before.length, wrong: [] });
      expect(BigInt(position!)).toBeLessThan((await projected.events.lastPosition())!.commit);
      expect(await projected.rows(name)).toHaveLength(before.length + 1);
    },
  );

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

  it('finds a wrong row after a replay no more', async () => {
    await projected.replay('channels');
    expect(await projected.verify('channels')).toMatchObject({ generation: 2, wrong: [] });
  });
});
