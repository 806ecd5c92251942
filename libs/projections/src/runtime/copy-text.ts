import type { ColumnType, TableShape } from './table-shape';
import { propertyOf } from './table-shape';

/**
 * Rows in the text format of COPY: a line each, tabs between the columns, \N for NULL.
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function copyEncoder<Row extends object>(shape: TableShape): (row: Row) => string {
  const fields = Object.entries(shape.columns).map(([column, type]) => ({
    property: propertyOf(column) as keyof Row,
    encode: encoders[type.replace('?', '') as ColumnType],
  }));
  return (row) => {
    let line = '';
    for (const { property, encode } of fields) {
      const value = row[property];
      line += value === null ? '\\N\t' : `${encode(value)}\t`;
    }
    return `${line.slice(0, -1)}\n`;
  };
}

const encoders: Readonly<Record<ColumnType, (value: unknown) => string>> = {
  text: (value) => escape(value as string),
  'text[]': (value) => escape(arrayLiteral(value as readonly string[])),
  // ISO 8601 and a number have nothing to escape.
  timestamptz: String,
  integer: String,
  jsonb: (value) => escape(JSON.stringify(value)),
};

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Most texts have nothing to escape: a test is cheaper than a replacement. */
function escape(text: string): string {
  return special.test(text) ? text.replace(/[\\\n\r\t]/g, (found) => escapes[found]!) : text;
}

/** https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO; each element quoted, so NULL is a text. */
function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
