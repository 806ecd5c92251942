import type { Settings } from '@app/config';
import type { Generation } from '@app/projections';
import { alone, dropGeneration, listGenerations, setPaused, swap } from '@app/projections';
import type { DataSource } from 'typeorm';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import { NothingFound } from '../errors';
import { withDatabase } from '../with-database';
import { formerlyLive, newestStandby, projectionNamed } from './projection-named';

/** Milliseconds that a generation may take to come to where the live one is. */
export const swapWithinMs = 60_000;

type Choice = (dataSource: DataSource, name: string) => Promise<Generation>;

/** Another generation shown to readers: the one given, or the newest that stands by. */
export function swapping(settings: Settings, name: string, to?: number): AuditedChange<number> {
  const choose: Choice =
    to === undefined ? newestStandby : (dataSource) => standbyNumbered(dataSource, name, to);
  return showing(settings, 'projections swap', name, choose);
}

/** Readers led back to the generation that they saw before. */
export function rollingBack(settings: Settings, name: string): AuditedChange<number> {
  return showing(settings, 'projections rollback', name, formerlyLive);
}

function showing(
  settings: Settings,
  command: string,
  name: string,
  choose: Choice,
): AuditedChange<number> {
  const projection = projectionNamed(name);
  const chosen = () => withDatabase(settings, [], (dataSource) => choose(dataSource, name));
  return auditedChange(settings, {
    command,
    args: { projection: name },
    evidence: async () => ({ to: (await chosen()).generation }),
    preview: async () => [inWords(await chosen())],
    apply: () =>
      withDatabase(settings, [], (dataSource) =>
        alone(dataSource, name, async () => {
          const { generation: to } = await choose(dataSource, name);
          const { signal } = new AbortController();
          await swap({ dataSource, projection, to, withinMs: swapWithinMs, signal });
          return to;
        }),
      ),
  });
}

function inWords({ projection, generation, builtAt, liveUntil }: Generation): string {
  const until = liveUntil && `, which saw it until ${liveUntil.toISOString()}`;
  const built = builtAt && `, built at ${builtAt.toISOString()}`;
  return `show generation ${generation} of ${projection} to readers${until ?? built ?? ''}`;
}

/** Every generation dropped that readers don't see: no rollback afterwards. */
export function pruning(settings: Settings, name: string): AuditedChange<number[]> {
  projectionNamed(name);
  return auditedChange(settings, {
    command: 'projections prune',
    args: { projection: name },
    evidence: async () => ({ generations: await unseen(settings, name) }),
    preview: async () =>
      (await unseen(settings, name)).map((number) => `drop generation ${number} of ${name}`),
    apply: () =>
      withDatabase(settings, [], (dataSource) =>
        alone(dataSource, name, async () => {
          const generations = (await listGenerations(dataSource, name)).filter(
            ({ state }) => state !== 'live',
          );
          for (const generation of generations) await dropGeneration(dataSource, generation);
          return generations.map(({ generation }) => generation);
        }),
      ),
  });
}

/** A projection followed no longer, or again. */
export function pausing(settings: Settings, name: string, paused: boolean): AuditedChange<boolean> {
  projectionNamed(name);
  return auditedChange(settings, {
    command: paused ? 'projections pause' : 'projections resume',
    args: { projection: name },
    preview: () =>
      Promise.resolve([
        paused ? `stop following ${name}: its rows grow old` : `follow ${name} again`,
      ]),
    apply: () => withDatabase(settings, [], (dataSource) => setPaused(dataSource, name, paused)),
  });
}

function unseen(settings: Settings, name: string): Promise<number[]> {
  return withDatabase(settings, [], async (dataSource) =>
    (await listGenerations(dataSource, name))
      .filter(({ state }) => state !== 'live')
      .map(({ generation }) => generation),
  );
}

async function standbyNumbered(
  dataSource: DataSource,
  name: string,
  wanted: number,
): Promise<Generation> {
  const found = (await listGenerations(dataSource, name)).find(
    ({ generation }) => generation === wanted,
  );
  if (found) return found;
  throw new NothingFound(`there is no generation ${wanted} of ${name}: ops projections list`);
}
