import type { Settings } from '@app/config';
import type { RebuildProgress, ReplayReport, VerifyReport } from '@app/projections';
import { CheckpointStore } from '@app/persistence';
import { replay, verify } from '@app/projections';
import { KnownHistory } from '@app/registry';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import { WrongUsage } from '../errors';
import type { Stores } from '../with-stores';
import { withStores } from '../with-stores';
import { projectionNamed } from './projection-named';
import { swapWithinMs } from './showing-generation';

/** Long work: how far it is, and what ends it early. */
export interface LongWork {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
}

export interface ReplayChoice {
  /** Whether readers are led to it. */
  readonly show: boolean;
  /** See `ReplayOptions`. */
  readonly anotherHistory?: boolean;
}

/**
 * A new generation, built from the first event on.
 *
 * @throws WrongUsage when it belongs to another history and isn't to be shown
 * @throws Error when it does, and what is lost of the former one was not recorded again
 */
export function replaying(
  settings: Settings,
  name: string,
  { show, anotherHistory = false, ...work }: LongWork & ReplayChoice,
): AuditedChange<ReplayReport> {
  const projection = projectionNamed(name);
  if (anotherHistory && !show) {
    throw new WrongUsage('rows of another history are shown at once, and the former ones dropped');
  }
  return auditedChange(settings, {
    command: 'projections replay',
    args: { projection: name, show, anotherHistory },
    preview: async () => {
      if (anotherHistory) await withStores(settings, [], assertRecovered);
      return [
        `build a new generation of ${name} from the first event on`,
        ...(show && !anotherHistory ? ['show it to readers once it is where the live one is'] : []),
        ...(anotherHistory ? ['show it to readers whatever it has, and drop all others'] : []),
      ];
    },
    apply: () =>
      withStores(settings, [], async (stores) => {
        if (anotherHistory) await assertRecovered(stores);
        return replay({ ...stores, projection, swap: show, swapWithinMs, anotherHistory, ...work });
      }),
  });
}

/** The rows that are dropped are all that is left of what the event store has lost. */
async function assertRecovered({ dataSource, events }: Stores): Promise<void> {
  if (await new KnownHistory(events, new CheckpointStore(dataSource)).isWhole()) return;
  throw new Error('Record again first what the event store has lost: ops events recover');
}

/** Compares the live generation with what the events say; changes nothing. */
export function verifyProjection(
  settings: Settings,
  name: string,
  work: LongWork,
): Promise<VerifyReport> {
  const projection = projectionNamed(name);
  return withStores(settings, [], (stores) => verify({ ...stores, projection, ...work }));
}

/** What was wrong, and the generation that readers see in its place; null when nothing was. */
export interface RepairReport extends VerifyReport {
  readonly repairedBy: number | null;
}

/** A check, and where it finds something, a correct generation in the place of the wrong one. */
export function repairing(
  settings: Settings,
  name: string,
  work: LongWork,
): AuditedChange<RepairReport> {
  const projection = projectionNamed(name);
  return auditedChange(settings, {
    command: 'projections verify --repair',
    args: { projection: name },
    preview: async () => {
      const { wrongRows } = await verifyProjection(settings, name, work);
      return wrongRows === 0 ? [] : [`replace ${name}; wrong rows: ${wrongRows}`];
    },
    apply: () =>
      withStores(settings, [], async (stores) => {
        const checked = await verify({ ...stores, projection, ...work });
        if (checked.wrongRows === 0) return { ...checked, repairedBy: null };
        const built = await replay({ ...stores, projection, swap: true, swapWithinMs, ...work });
        return { ...checked, repairedBy: built.generation };
      }),
  });
}
