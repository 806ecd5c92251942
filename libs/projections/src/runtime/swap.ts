import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { failpoint } from '@app/config';
import { hasReached } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import type { Generation, GenerationId } from './generations';
import { generationName, listGenerations, tableName } from './generations';
import { withoutBlocking } from './locks';
import type { Projection } from './projection';
import { showTable } from './table-shape';

/** Milliseconds that the live generation is held while the other one comes up to it. */
const catchUpMs = 250;

export interface SwapOptions {
  readonly dataSource: DataSource;
  readonly projection: Projection<object>;
  /** The generation that readers shall see: a standby. */
  readonly to: number;
  /** Milliseconds that it may take to come to where the live one is. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Only where the live one is of another history, so that there is nothing to compare. */
  readonly evenIfBehind?: boolean;
}

/**
 * Leads readers from the live generation to another one that has seen as much: no read fails, finds
 * nothing, or goes back in time; the longest wait of one is that of a lock, 50 ms. The former one stands
 * by and is followed, for a rollback.
 *
 * @throws NotInTime when it doesn't come up to the live one, or readers never let the view go
 * @throws Error when it can't be shown at all
 */
export async function swap(options: SwapOptions): Promise<void> {
  const { dataSource, projection, to } = options;
  await withoutBlocking(
    dataSource,
    {
      ...options,
      late:
        `Generation ${to} of ${projection.name} did not come to where the live one is: does a projector ` +
        `run, and is it not paused? It is complete and stands by; try ops projections swap ${projection.name} once one does`,
    },
    (manager) => trySwap(manager, options),
  );
}

async function trySwap(
  manager: EntityManager,
  { dataSource, projection, to, evenIfBehind = false }: SwapOptions,
): Promise<boolean> {
  assertShowable(projection, await find(manager, projection.name, to), to);
  // Held from here on: the live one's rows can't get ahead any more.
  const live = await holdGeneration(manager, projection.name, `state = 'live'`);
  if (live?.generation === to) return true;
  if (live && !evenIfBehind) {
    const rival = { projection: projection.name, generation: to };
    if (!(await comesUpTo(dataSource, live, rival))) return false;
  }
  await holdGeneration(manager, projection.name, `generation = ${Number(to)}`);
  const target = await find(manager, projection.name, to);
  assertShowable(projection, target, to);
  await show(manager, projection, live, target);
  return true;
}

/** Whoever writes its rows holds it shared, from before the first one. */
async function holdGeneration(
  manager: EntityManager,
  projection: string,
  which: string,
): Promise<Generation | undefined> {
  const held: { generation: number }[] = await manager.query(
    `SELECT generation FROM runtime.generations WHERE projection = $1 AND ${which} FOR UPDATE`,
    [projection],
  );
  return held[0] && find(manager, projection, held[0].generation);
}

async function find(
  manager: EntityManager,
  projection: string,
  wanted: number,
): Promise<Generation | undefined> {
  const all = await listGenerations(manager, projection);
  return all.find(({ generation }) => generation === wanted);
}

/** Looks from outside of the transaction that holds the live one, as the other one goes on. */
async function comesUpTo(
  dataSource: DataSource,
  live: Generation,
  rival: GenerationId,
): Promise<boolean> {
  const checkpoints = new CheckpointStore(dataSource);
  const goal = (await checkpoints.load(generationName(live)))?.event;
  const until = performance.now() + catchUpMs;
  for (;;) {
    const reached = (await checkpoints.load(generationName(rival)))?.event;
    if (!goal || (reached && hasReached(reached.position, goal.position))) return true;
    if (performance.now() > until) return false;
    await wait(5);
  }
}

function assertShowable(
  projection: Projection<object>,
  target: Generation | undefined,
  to: number,
): asserts target is Generation {
  if (target?.state !== 'standby' && target?.state !== 'live') {
    throw new Error(
      `Generation ${to} of ${projection.name} is ${target ? 'not complete' : 'not there'}: see ops ` +
        'projections list',
    );
  }
  if (target.version !== projection.version) {
    throw new Error(
      `Generation ${to} of ${projection.name} is of version ${target.version}, and this release reads ` +
        `version ${projection.version}`,
    );
  }
}

async function show(
  manager: EntityManager,
  projection: Projection<object>,
  live: Generation | undefined,
  target: Generation,
): Promise<void> {
  await manager.query(
    showTable(`read_model.${projection.name}`, tableName(target), projection.shape),
  );
  if (live) {
    await manager.query(
      `UPDATE runtime.generations SET state = 'standby', live_until = clock_timestamp()
        WHERE projection = $1 AND generation = $2`,
      [live.projection, live.generation],
    );
  }
  await manager.query(
    `UPDATE runtime.generations SET state = 'live', live_since = clock_timestamp(), live_until = NULL
      WHERE projection = $1 AND generation = $2`,
    [target.projection, target.generation],
  );
  failpoint('swap:shown');
}
