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
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** Collects an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
