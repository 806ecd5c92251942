/** What a column of a projection's table holds; `?` where it may be NULL. */
export type ColumnType = 'text' | 'text[]' | 'timestamptz' | 'integer' | 'jsonb';
export type Column = ColumnType | `${ColumnType}?`;

/**
 * The table of a projection. A row's property is its column in camelCase; times are ISO 8601 UTC in whole
 * milliseconds.
 */
export interface TableShape {
  /** The column that is the primary key; a text. */
  readonly key: string;
  /** In the order of the table. */
  readonly columns: Readonly<Record<string, Column>>;
  /** Beside the primary key: what stands between the brackets, by the end of the index's name. */
  readonly indexes: Readonly<Record<string, string>>;
}

/** The property of a row that a column holds. */
export function propertyOf(column: string): string {
  return column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** SQL that makes a table with its primary key; the other indexes come when it is filled. */
export function createTable(table: string, shape: TableShape, temporary = false): string {
  const columns = Object.entries(shape.columns).map(([name, column]) =>
    column.endsWith('?') ? `${name} ${column.slice(0, -1)}` : `${name} ${column} NOT NULL`,
  );
  const pk = `CONSTRAINT ${bare(table)}_pk PRIMARY KEY (${shape.key})`;
  return `CREATE ${temporary ? 'TEMPORARY ' : ''}TABLE ${table} (${[...columns, pk].join(', ')})`;
}

/** SQL that makes the other indexes of a table, a statement each. */
export function createIndexes(table: string, shape: TableShape): string[] {
  return Object.entries(shape.indexes).map(
    ([name, expression]) => `CREATE INDEX ${bare(table)}_${name} ON ${table} (${expression})`,
  );
}

/** SQL that has readers see a table. */
export function showTable(view: string, table: string, shape: TableShape): string {
  const columns = Object.keys(shape.columns).join(', ');
  return `CREATE OR REPLACE VIEW ${view} AS SELECT ${columns} FROM ${table}`;
}

/** A table's name without its schema. */
function bare(table: string): string {
  return table.slice(table.indexOf('.') + 1);
}
