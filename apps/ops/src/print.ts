import { visible } from '@app/observability';

/** A value for programs, on one line. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value));
}

/** Prints rows for people. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  for (const line of table(headings, rows)) console.log(line);
}

/** Rows as lines, in columns as wide as their content. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [headings, ...rows.map((row) => row.map(visible))];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** Names and values under each other; what isn't there is `-`. */
export function printFields(fields: Readonly<Record<string, unknown>>): void {
  const width = Math.max(...Object.keys(fields).map(({ length }) => length));
  for (const [name, value] of Object.entries(fields)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    console.log(`${name.padEnd(width)}  ${value === null ? '-' : visible(text)}`);
  }
}

/** Collects an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
