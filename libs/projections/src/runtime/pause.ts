import type { DataSource } from 'typeorm';

/**
 * Has a projection followed no longer, or again: all generations of it. When it returns, no batch that
 * began before is still under way.
 *
 * @returns false when it was so already
 */
export async function setPaused(
  dataSource: DataSource,
  projection: string,
  paused: boolean,
): Promise<boolean> {
  const [, changed]: [unknown, number] = await dataSource.query(
    `UPDATE runtime.projections SET paused_at = CASE WHEN $2 THEN clock_timestamp() END
      WHERE name = $1 AND (paused_at IS NOT NULL) <> $2`,
    [projection, paused],
  );
  // Whatever did not see that yet holds its generation's row.
  await dataSource.query('SELECT FROM runtime.generations WHERE projection = $1 FOR UPDATE', [
    projection,
  ]);
  return changed === 1;
}

/** Since when a projection is paused; null when it is followed. */
export async function pausedSince(
  dataSource: DataSource,
  projection: string,
): Promise<Date | null> {
  const rows: { at: Date | null }[] = await dataSource.query(
    'SELECT paused_at AS at FROM runtime.projections WHERE name = $1',
    [projection],
  );
  return rows[0]?.at ?? null;
}
