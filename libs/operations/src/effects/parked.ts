import type { Settings } from '@app/config';
import type { EffectName } from '@app/domain';
import { Inbox, Redrive } from '@app/effects';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import { NothingFound } from '../errors';
import { withDatabase } from '../with-database';
import type { ShownMessage } from './shown-message';
import { shownMessage } from './shown-message';

/** Something that waits for an operator. */
export interface Parked {
  /** What `redriving` takes. */
  readonly id: string;
  readonly kind: 'effect' | 'message';
  readonly effect: EffectName;
  /** Of a message its key, which nobody vouches for. */
  readonly channelId: string | null;
  /** ISO 8601 UTC. */
  readonly parkedAt: string;
  readonly reason: string;
}

/** Effects after their last try, and disconnects in a version that was too new, the oldest first. */
export function listParked(settings: Settings): Promise<Parked[]> {
  return withRedrive(settings, parkedOf);
}

async function parkedOf(redrive: Redrive): Promise<Parked[]> {
  const effects = (await redrive.parkedEffects()).map((work) => ({
    id: `${work.effect}:${work.channelId}`,
    kind: 'effect' as const,
    effect: work.effect,
    channelId: work.channelId,
    parkedAt: work.parkedAt.toISOString(),
    reason: work.error,
  }));
  const messages = (await redrive.parkedMessages()).map((parked) => ({
    id: `message:${parked.id}`,
    kind: 'message' as const,
    effect: parked.effect,
    channelId: parked.message.key,
    parkedAt: parked.parkedAt.toISOString(),
    reason: parked.reason,
  }));
  return [...effects, ...messages].sort((a, b) => a.parkedAt.localeCompare(b.parkedAt));
}

/** One that is parked, with all that is known of it. */
export interface ShownParked extends Parked {
  /** All tries of an effect; null of a message. */
  readonly attempts: number | null;
  /** Of a message, as it came; null of an effect. */
  readonly message: ShownMessage | null;
}

/**
 * @param id as `listParked` shows it
 * @throws NothingFound
 */
export async function showParked(settings: Settings, id: string): Promise<ShownParked> {
  return withRedrive(settings, async (redrive) => {
    const parked = (await parkedOf(redrive)).find((one) => one.id === id);
    if (!parked) throw notParked(id);
    const work = (await redrive.parkedEffects()).find(
      ({ effect, channelId }) => `${effect}:${channelId}` === id,
    );
    const kept = (await redrive.parkedMessages()).find((one) => `message:${one.id}` === id);
    return {
      ...parked,
      attempts: work?.attempts ?? null,
      message: kept ? shownMessage(kept.message) : null,
    };
  });
}

/**
 * Another try of something parked. There is no way to discard it: a disconnect has promised it.
 *
 * @param id as `listParked` shows it
 */
export function redriving(settings: Settings, id: string): AuditedChange<void> {
  return auditedChange(settings, {
    command: 'parked redrive',
    args: { id },
    preview: async () => {
      const found = (await listParked(settings)).find((parked) => parked.id === id);
      if (!found) throw notParked(id);
      return [`have ${id} tried again, parked since ${found.parkedAt}: ${found.reason}`];
    },
    apply: () => withRedrive(settings, (redrive) => redriveById(redrive, id)),
  });
}

async function redriveById(redrive: Redrive, id: string): Promise<void> {
  const [kind, rest = ''] = id.split(':', 2) as [string, string?];
  if (kind === 'message') return redriveMessage(redrive, rest);
  const work = { effect: kind as EffectName, channelId: rest };
  if (!(await redrive.redriveEffect(work))) throw notParked(id);
}

async function redriveMessage(redrive: Redrive, id: string): Promise<void> {
  const parked = (await redrive.parkedMessages()).find((message) => message.id === id);
  if (!parked) throw notParked(`message:${id}`);
  if (await redrive.redriveMessage(parked)) return;
  throw new Error(`This release can't read it either (${parked.reason}): upgrade, then redrive it`);
}

function notParked(id: string): NothingFound {
  return new NothingFound(`${id} is not parked: see ops parked list`);
}

function withRedrive<T>(settings: Settings, work: (redrive: Redrive) => Promise<T>): Promise<T> {
  return withDatabase(settings, [], (dataSource) =>
    work(new Redrive(dataSource, new Inbox(dataSource))),
  );
}
