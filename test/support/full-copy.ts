import { DataSource } from 'typeorm';
import { dataSourceOptions } from '@app/persistence';
import type { TestBed } from '@app/testing';

/** Every row of every table in a database of its own, as a dump that was restored there. */
export async function fullCopyOf(bed: TestBed, source: DataSource): Promise<DataSource> {
  const url = await bed.createDatabase();
  const copy = new DataSource(dataSourceOptions(url, { size: 2, timeoutMs: 5_000 }));
  await copy.initialize();
  bed.atEnd(() => copy.destroy());
  const tables: { name: string; columns: string }[] = await source.query(
    `SELECT format('%I.%I', table_schema, table_name) AS name,
            string_agg(quote_ident(column_name), ', ') AS columns
       FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
        AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
      GROUP BY table_schema, table_name`,
  );
  await copy.transaction(async (manager) => {
    // As pg_restore does: no trigger and no foreign key looks at what was valid once already.
    await manager.query('SET LOCAL session_replication_role = replica');
    for (const { name, columns } of tables) {
      const [rows]: { all: unknown }[] = await source.query(
        `SELECT coalesce(json_agg(t), '[]')::text AS all FROM ${name} AS t`,
      );
      await manager.query(`DELETE FROM ${name}`);
      await manager.query(
        `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE
         SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1::json)`,
        [rows!.all],
      );
    }
  });
  return copy;
}
