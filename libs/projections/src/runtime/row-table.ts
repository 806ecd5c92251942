import type { EntityManager, QueryRunner } from 'typeorm';
import { copyIn } from '@app/persistence';
import { copyEncoder } from './copy-text';
import type { TableShape } from './table-shape';
import { propertyOf } from './table-shape';

/** Whoever runs SQL: a manager in its transaction, or a connection of one's own. */
export type SqlRunner = Pick<EntityManager, 'query'>;

/** Rows at once in one statement: its JSON stays small. */
const maxUpsert = 2_000;

/** One table of a projection's rows: a generation, or the scratch of a check. */
export class RowTable<Row extends object> {
  private readonly selectSql: string;
  private readonly upsertSql: string;
  private readonly encode: (row: Row) => string;
  private readonly columns: readonly string[];

  /** @param name with its schema */
  constructor(
    readonly name: string,
    private readonly shape: TableShape,
  ) {
    this.columns = Object.keys(shape.columns);
    this.encode = copyEncoder(shape);
    this.selectSql = `SELECT ${aliased(this.columns)} FROM ${name} WHERE ${shape.key} = ANY ($1)`;
    this.upsertSql = upsertSql(name, shape);
  }

  /** Rows by their keys; what isn't there is missing in the answer. */
  async load(sql: SqlRunner, keys: readonly string[]): Promise<Map<string, Row>> {
    if (keys.length === 0) return new Map();
    const stored: Record<string, unknown>[] = await sql.query(this.selectSql, [keys]);
    const key = propertyOf(this.shape.key);
    return new Map(stored.map((row) => [row[key] as string, withTexts(row) as Row]));
  }

  /** Writes rows, whether they are there or not. A key comes once. */
  async upsert(sql: SqlRunner, rows: readonly Row[]): Promise<void> {
    for (let from = 0; from < rows.length; from += maxUpsert) {
      await sql.query(this.upsertSql, [JSON.stringify(rows.slice(from, from + maxUpsert))]);
    }
  }

  /**
   * Writes rows that aren't there, as fast as PostgreSQL takes them.
   *
   * @throws QueryFailedError when one is there
   */
  async copy(runner: QueryRunner, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    await copyIn(runner, this.name, this.columns, linesOf(rows, this.encode));
  }
}

function* linesOf<Row>(rows: readonly Row[], encode: (row: Row) => string): Generator<string> {
  for (const row of rows) yield encode(row);
}

function aliased(columns: readonly string[]): string {
  return columns.map((column) => `${column} AS "${propertyOf(column)}"`).join(', ');
}

/** One parameter however many rows and columns: the protocol ends at 65,535 of them. */
function upsertSql(table: string, { key, columns }: TableShape): string {
  const names = Object.keys(columns);
  const properties = names.map((name) => `"${propertyOf(name)}"`);
  const typed = Object.values(columns).map(
    (type, n) => `${properties[n]} ${type.replace('?', '')}`,
  );
  const others = names.filter((name) => name !== key);
  return `
    INSERT INTO ${table} (${names.join(', ')})
    SELECT ${properties.join(', ')} FROM json_to_recordset($1::json) AS given (${typed.join(', ')})
    ON CONFLICT (${key}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(', ')}`;
}

/** The driver makes dates of times; rows have ISO 8601 UTC. */
function withTexts(row: Record<string, unknown>): Record<string, unknown> {
  for (const [property, value] of Object.entries(row)) {
    if (value instanceof Date) row[property] = value.toISOString();
  }
  return row;
}
