import type { Settings } from '@app/config';
import type { EffectName } from '@app/domain';
import type { SkippedMessage } from '@app/effects';
import { discardSkipped, findSkipped, listSkipped as readSkipped } from '@app/effects';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import { NothingFound, WrongUsage } from '../errors';
import { withDatabase } from '../with-database';
import type { ShownMessage } from './shown-message';
import { shownMessage } from './shown-message';

/** A message that was refused: evidence that somebody sent what nobody should. */
export interface Skipped {
  readonly id: string;
  readonly effect: EffectName;
  /** ISO 8601 UTC. */
  readonly skippedAt: string;
  readonly reason: string;
  /** SHA-256 of all of it, in hexadecimal: what the audit keeps when it is discarded. */
  readonly digest: string;
  readonly message: ShownMessage;
}

/**
 * What was refused, the latest first.
 *
 * @param limit how many at most
 */
export async function listSkipped(settings: Settings, limit: number): Promise<Skipped[]> {
  const found = await withDatabase(settings, [], ({ manager }) => readSkipped(manager, limit));
  return found.map(toSkipped);
}

/** @throws WrongUsage for what is no id, NothingFound */
export async function showSkipped(settings: Settings, id: string): Promise<Skipped> {
  assertNumber(id);
  const found = await withDatabase(settings, [], ({ manager }) => findSkipped(manager, id));
  if (!found) throw notSkipped(id);
  return toSkipped(found);
}

/**
 * The end of a refused message, for good. The audit keeps where it came from and its digest, so that
 * a copy can be told to be the one.
 *
 * @param id as `listSkipped` shows it
 * @throws WrongUsage for what is no id
 */
export function discardingSkipped(settings: Settings, id: string): AuditedChange<void> {
  assertNumber(id);
  return auditedChange(settings, {
    command: 'skipped discard',
    args: { id },
    evidence: async () => {
      const { effect, skippedAt, digest, message } = await showSkipped(settings, id);
      const { topic, partition, offset } = message;
      return { effect, topic, partition, offset, skippedAt, digest };
    },
    preview: async () => {
      const { effect, skippedAt, message } = await showSkipped(settings, id);
      const from = `${message.topic}[${message.partition}]@${message.offset}`;
      return [`discard ${id}, ${from} for ${effect}, skipped ${skippedAt}, for good`];
    },
    apply: async () => {
      const gone = await withDatabase(settings, [], ({ manager }) => discardSkipped(manager, id));
      if (!gone) throw notSkipped(id);
    },
  });
}

function toSkipped({ id, effect, skippedAt, reason, digest, message }: SkippedMessage): Skipped {
  return {
    ...{ id, effect, skippedAt: skippedAt.toISOString(), reason, digest },
    message: shownMessage(message),
  };
}

function assertNumber(id: string): void {
  if (!/^\d{1,18}$/.test(id)) throw new WrongUsage(`${id} is no number: see ops skipped list`);
}

function notSkipped(id: string): NothingFound {
  return new NothingFound(`There is no skipped message ${id}: see ops skipped list`);
}
