import type { DataSource, QueryRunner } from 'typeorm';
import type { EventStore } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { generationName, listGenerations, tableName } from './generations';
import { alone } from './locks';
import type { Projection } from './projection';
import type { RebuildProgress } from './replay';
import { assertSameHistory, fillTable } from './replay';
import { RowTable } from './row-table';
import { createTable, propertyOf } from './table-shape';

/** A row that isn't what the events say. */
export interface WrongRow {
  readonly key: string;
  readonly kind: 'missing' | 'extra' | 'changed';
  /** By column, of a changed row only. */
  readonly fields: Readonly<Record<string, { readonly live: unknown; readonly correct: unknown }>>;
}

export interface VerifyReport {
  readonly generation: number;
  readonly events: number;
  readonly rows: number;
  /** The commit position that both were compared at; null before the first event. */
  readonly position: string | null;
  /** How many rows aren't what the events say. */
  readonly wrongRows: number;
  /** The first thousand of them, by their keys. */
  readonly wrong: readonly WrongRow[];
}

/** Rows that are told of one by one: where more are wrong, all of them may be. */
const maxListed = 1_000;

export interface VerifyOptions {
  readonly projection: Projection<object>;
  readonly dataSource: DataSource;
  readonly events: EventStore;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
}

const scratch = 'pg_temp.scratch';

/**
 * Builds the rows anew in a table that goes with the connection, up to where the live generation's
 * checkpoint stands, and compares. All of it sees one snapshot of the live one, which goes on: nothing
 * waits. (The snapshot keeps PostgreSQL from cleaning up for as long as it lasts.)
 *
 * @throws ProjectionBusy, UnknownCheckpoint, UnknownEventType, EventStoreUnavailable; the signal's reason
 * @throws Error when there is no live generation that this release can compare with
 */
export function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { dataSource, projection } = options;
  return alone(dataSource, projection.name, async (runner) => {
    await assertSameHistory(dataSource, options.events, projection.name);
    await runner.startTransaction('REPEATABLE READ');
    try {
      return await compare(options, runner);
    } finally {
      // Fails where the connection is lost, and the transaction with it.
      await runner.rollbackTransaction().catch(() => undefined);
    }
  });
}

async function compare(options: VerifyOptions, runner: QueryRunner): Promise<VerifyReport> {
  const { projection, dataSource } = options;
  const live = (await listGenerations(runner.manager, projection.name)).find(
    ({ state }) => state === 'live',
  );
  if (live?.version !== projection.version) {
    throw new Error(
      `The live generation is of another release: ops projections replay ${projection.name}`,
    );
  }
  const checkpoints = new CheckpointStore(dataSource);
  const until = (await checkpoints.load(generationName(live), runner.manager))?.position ?? null;
  const table = new RowTable<object>(scratch, projection.shape);
  await runner.query(createTable('scratch', projection.shape, true));
  const filled = until ? await fillTable({ ...options, table, runner, until }) : { events: 0 };
  const [count] = await runner.manager.query<{ rows: string }[]>(
    `SELECT count(*) AS rows FROM ${scratch}`,
  );
  return {
    generation: live.generation,
    events: filled.events,
    rows: Number(count!.rows),
    position: until && String(until.commit),
    ...(await wrongRows(runner, tableName(live), projection)),
  };
}

async function wrongRows(
  runner: QueryRunner,
  live: string,
  { shape }: Projection<object>,
): Promise<Pick<VerifyReport, 'wrongRows' | 'wrong'>> {
  const names = Object.keys(shape.columns);
  const all = (side: string): string => names.map((name) => `${side}.${name}`).join(', ');
  const differing = `
       FROM ${live} live FULL JOIN ${scratch} correct ON live.${shape.key} = correct.${shape.key}
      WHERE (${all('live')}) IS DISTINCT FROM (${all('correct')})`;
  const [count] = await runner.manager.query<{ rows: string }[]>(
    `SELECT count(*) AS rows ${differing}`,
  );
  const found = await runner.manager.query<FoundRow[]>(
    `SELECT coalesce(live.${shape.key}, correct.${shape.key}) AS key,
            CASE WHEN live.${shape.key} IS NOT NULL THEN to_jsonb(live) END AS live,
            CASE WHEN correct.${shape.key} IS NOT NULL THEN to_jsonb(correct) END AS correct
     ${differing} ORDER BY 1 LIMIT ${maxListed}`,
  );
  return { wrongRows: Number(count!.rows), wrong: found.map((row) => wrongRow(names, row)) };
}

function wrongRow(names: readonly string[], { key, live, correct }: FoundRow): WrongRow {
  return {
    key,
    kind: !live ? 'missing' : !correct ? 'extra' : 'changed',
    fields: live && correct ? differences(names, live, correct) : {},
  };
}

type Stored = Readonly<Record<string, unknown>> | null;

interface FoundRow {
  readonly key: string;
  readonly live: Stored;
  readonly correct: Stored;
}

function differences(
  names: readonly string[],
  live: NonNullable<Stored>,
  correct: NonNullable<Stored>,
): WrongRow['fields'] {
  const same = (name: string): boolean =>
    JSON.stringify(live[name]) === JSON.stringify(correct[name]);
  return Object.fromEntries(
    names
      .filter((name) => !same(name))
      .map((name) => [propertyOf(name), { live: live[name], correct: correct[name] }]),
  );
}
