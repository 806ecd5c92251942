import type { DataSource } from 'typeorm';
import type { GenerationId } from './generations';
import { generationName, tableName } from './generations';
import { withoutBlocking } from './locks';

/** Milliseconds that a reader may still be in the table. */
const withinMs = 60_000;

/**
 * Drops a generation that readers don't see, with its checkpoint: what follows it ends.
 *
 * @throws Error when it is the live one; NotInTime
 */
export async function dropGeneration(dataSource: DataSource, of: GenerationId): Promise<void> {
  const { signal } = new AbortController();
  const late = `Somebody still reads ${tableName(of)}: try again later`;
  await withoutBlocking(dataSource, { withinMs, signal, late }, async (manager) => {
    const [, dropped]: [unknown, number] = await manager.query(
      `UPDATE runtime.generations SET state = 'dropped', dropped_at = clock_timestamp()
        WHERE projection = $1 AND generation = $2 AND state IN ('building', 'standby')`,
      [of.projection, of.generation],
    );
    if (dropped === 0) {
      throw new Error(`Generation ${of.generation} of ${of.projection} is live, or gone already`);
    }
    await manager.query('DELETE FROM runtime.checkpoints WHERE name = $1', [generationName(of)]);
    await manager.query(`DROP TABLE IF EXISTS ${tableName(of)}`);
    return true;
  });
}
