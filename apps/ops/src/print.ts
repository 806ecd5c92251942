/** What `--json` is for, on every command that has it. */
export const jsonFlag = { flags: '--json', description: 'print JSON, for programs' };

/** A value for programs, on one line. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value));
}

/** Rows for people, in columns as wide as their content. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  for (const row of all) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** Collects an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
