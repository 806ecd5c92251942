import { ulid } from 'ulid';
import type { Settings } from '@app/config';
import type { ChannelId, DomainEvent, WorkspaceId } from '@app/domain';
import { wantedEffects } from '@app/domain';
import { reconcilerName } from '@app/effects';
import type { EventContext } from '@app/event-store';
import { WrongExpectedRevision } from '@app/event-store';
import { CheckpointStore, recoveryName } from '@app/persistence';
import { registrarName } from '@app/registry';
import { relayName } from '@app/relay';
import { appliedEvent, stepBack } from '@app/subscriptions';
import type { AuditedChange } from '../changes/change';
import { auditedChange } from '../changes/change';
import type { Stores } from '../with-stores';
import { withStores } from '../with-stores';
import type { LostFacts } from './find-lost';
import { findLost, knowsOldest } from './find-lost';
import type { PlanDefaults } from './lost-life';

/** Those that may hear of an event twice; the rows of projections are built anew instead. */
const subscribers = [registrarName, reconcilerName, relayName];

/** How the correlation ids begin of what was recorded again, by whichever run. */
const recordedAgain = 'recovery_';

/** A channel of which the database knows what the event store doesn't. */
export interface LostChannel {
  readonly channelId: ChannelId;
  readonly workspaceId: WorkspaceId;
  /** The types of the events that are lost, in their order. */
  readonly lost: readonly DomainEvent['type'][];
}

/** What was written back. */
export interface RecoveryReport {
  readonly channels: number;
  readonly events: number;
  /** Subscribers that were taken back to what they have in common with the event store. */
  readonly steppedBack: readonly string[];
}

/**
 * What an event store that was restored from a backup has lost, as far as the database knows it. It reads
 * the end of a stream for each channel.
 *
 * @param settings of the role `ops events`
 */
export function listLost(settings: Settings): Promise<LostChannel[]> {
  return withStores(settings, [], async (stores) => {
    const all: LostChannel[] = [];
    for await (const { channelId, workspaceId, lost } of findLost(
      stores,
      planDefaultsOf(settings),
    )) {
      const types = lost.flatMap(({ events }) => events.map(({ type }) => type));
      all.push({ channelId, workspaceId, lost: types });
    }
    return all;
  });
}

/** Where events are recorded, by its name alone: `one.internal:2113,two.internal:2113`. */
export function eventStoreHosts({ eventstoreUrl }: Settings): string {
  // A password comes before the last @, whatever is in it.
  const rest = eventstoreUrl.slice(eventstoreUrl.lastIndexOf('@') + 1);
  return rest.replace(/^[\w+]+:\/\//, '').split(/[/?]/, 1)[0]!;
}

/** Who knows it, by its place and name alone: `db.internal:5432/postbreeze`. */
export function databasePlace({ databaseUrl }: Settings): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}

/**
 * Writes back to an event store that was restored what the database still knows, and takes the subscribers
 * back to where both agree. Safe to repeat: what stands by then is not lost any more. Every role has to be
 * stopped, and the rows that readers see must not be built anew yet: they are what connects are known by.
 * The first line of its preview says where to, and who knows it: a copy of ours, restored for another purpose,
 * is like ours.
 *
 * @param options.intoEmpty whether the event store may be one that knows no channel of ours
 * @throws Error in one line for such a store otherwise, with nothing recorded; for somebody else who appends
 *   meanwhile, with some of it
 */
export function recovering(
  settings: Settings,
  { intoEmpty = false }: { readonly intoEmpty?: boolean } = {},
): AuditedChange<RecoveryReport> {
  const id = `${recordedAgain}${ulid()}`;
  const assertOurs = async (stores: Stores): Promise<void> => {
    if (intoEmpty || (await knowsOldest(stores))) return;
    throw new Error(
      'This event store knows none of our oldest channels: does EVENTSTORE_URL name another one? ' +
        'If no backup of ours has any, give --into-empty',
    );
  };
  return auditedChange(settings, {
    command: 'events recover',
    args: { intoEmpty },
    evidence: () => Promise.resolve({ correlationId: id }),
    preview: async () => {
      const last = await withStores(settings, [], async (stores) => {
        await assertOurs(stores);
        return stores.events.lastEvent();
      });
      const all = await listLost(settings);
      const events = all.reduce((sum, { lost }) => sum + lost.length, 0);
      const upTo = last ? `the last event of ours is of ${last.recordedAt.toISOString()}` : 'empty';
      return [
        `record ${events} events of ${all.length} channels again at ${eventStoreHosts(settings)} (${upTo}), ` +
          `as the database ${databasePlace(settings)} knows them`,
        ...all.map(({ channelId, lost }) => `record of ${channelId} again: ${lost.join(', ')}`),
      ];
    },
    apply: () =>
      withStores(settings, [], async (stores) => {
        await assertOurs(stores);
        const context = { correlationId: id, causationId: id, actor: 'ops' };
        let [channels, events] = [0, 0];
        for await (const facts of findLost(stores, planDefaultsOf(settings))) {
          events += await recordAgain(stores, facts, context);
          channels += 1;
        }
        return { channels, events, steppedBack: await stepAllBack(stores) };
      }),
  });
}

function planDefaultsOf({ effectDeadlineHours, revokedGrants }: Settings): PlanDefaults {
  return { deadlineHours: effectDeadlineHours, effects: wantedEffects(revokedGrants) };
}

/** The channel's stream first: an outcome is nothing without its disconnect. */
async function recordAgain(
  { events: store }: Stores,
  { lost }: LostFacts,
  context: EventContext,
): Promise<number> {
  let count = 0;
  for (const { stream, expected, events } of lost) {
    await store.append(stream, expected, events, context).catch(nameRival);
    count += events.length;
  }
  return count;
}

function nameRival(error: unknown): never {
  if (!(error instanceof WrongExpectedRevision)) throw error;
  const line = `Somebody else appends to ${error.stream}: stop every role, then enter this again`;
  throw new Error(line, { cause: error });
}

/** After the last event is written back: a subscriber that goes on finds all of them. */
async function stepAllBack(stores: Stores): Promise<string[]> {
  const { dataSource, events } = stores;
  const checkpoints = new CheckpointStore(dataSource);
  const steppedBack: string[] = [];
  for (const name of subscribers) {
    const stepped = await dataSource.transaction((manager) =>
      stepBack(manager, { name, events, checkpoints }, { recordedAgain }),
    );
    if (stepped) steppedBack.push(name);
  }
  await settle(stores, checkpoints);
  return steppedBack;
}

/** From now on it is the end of what was recorded again that a store has to have, to be whole. */
async function settle({ dataSource, events }: Stores, checkpoints: CheckpointStore): Promise<void> {
  const last = await events.lastEvent();
  const event = last && appliedEvent(last);
  const position = event?.position ?? { commit: 0n, prepare: 0n };
  const previous = await checkpoints.load(recoveryName);
  await checkpoints.save(dataSource.manager, recoveryName, previous, { position, event });
}
