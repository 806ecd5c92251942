import type { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import type { ChannelId, ChannelRow } from '@app/domain';
import { ChannelRows, ChannelStreams } from '@app/queries';
import { assertChannelId } from '../assert-channel-id';
import { NothingFound } from '../errors';
import { withStores } from '../with-stores';
import type { HistoryEntry } from './history';
import { historyOf } from './history';

/** What the registry knows of a channel. Times are ISO 8601 UTC. */
export interface RegistryState {
  readonly state: 'opening' | 'live' | 'ended';
  readonly openedAt: string;
  readonly ending: { readonly kind: 'disconnected' | 'abandoned'; readonly endedAt: string } | null;
}

/** What the vault holds of a channel: never what is sealed. */
export interface VaultState {
  readonly state: 'live' | 'wiped';
  readonly version: number;
  readonly sealedAt: string;
  readonly tokenExpiresAt: string | null;
  readonly wipedAt: string | null;
  /** New tokens whose event doesn't stand in the stream yet. */
  readonly hasPendingEvent: boolean;
  /** One token kept for the revocation of its grant; null when there is none. */
  readonly revocationCopy: { readonly until: string; readonly outcome: string | null } | null;
}

/** A row of `effects.work`. */
export interface WorkState {
  readonly effect: string;
  readonly state: 'pending' | 'parked' | 'done' | 'recorded';
  readonly outcome: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly receivedAt: string;
  readonly firstAttemptAt: string | null;
  readonly parkedAt: string | null;
  readonly finishedAt: string | null;
  readonly recordedAt: string | null;
  /** Of the latest failed try, scrubbed. */
  readonly error: string | null;
}

/** All that there is about a channel; null where a room knows nothing of it. */
export interface ChannelReport {
  readonly id: ChannelId;
  /** As REST answers it. */
  readonly row: ChannelRow | null;
  readonly registry: RegistryState | null;
  readonly vault: VaultState | null;
  readonly work: readonly WorkState[];
  readonly history?: readonly HistoryEntry[];
}

/**
 * Looks at a channel in every room.
 *
 * @param settings of the role `ops events`
 * @throws WrongUsage for what is no id, NothingFound when no room knows it
 */
export async function showChannel(
  settings: Settings,
  id: string,
  { history }: { readonly history: boolean },
): Promise<ChannelReport> {
  assertChannelId(id);
  return withStores(settings, [], async ({ dataSource, events }) => {
    const { registry, vault, work } = await roomsOf(dataSource, id);
    const row =
      (await new ChannelRows(dataSource).find(id)) ??
      (await new ChannelStreams(events).row(id)) ??
      null;
    const entries = history ? await historyOf(events, id) : [];
    if (!row && !registry && !vault && work.length === 0 && entries.length === 0) {
      throw new NothingFound(`There is no channel ${id}`);
    }
    return { id, row, registry, vault, work, ...(history && { history: entries }) };
  });
}

/** One statement, and so one moment. JSON, so that times come as text. */
const rooms = `
  SELECT
    (SELECT json_build_object('state', state, 'openedAt', opened_at, 'ending',
       (SELECT json_build_object('kind', kind, 'endedAt', ended_at)
          FROM registry.endings WHERE channel_id = $1))
       FROM registry.channels WHERE id = $1) AS registry,
    (SELECT json_build_object(
       'state', CASE WHEN wiped_at IS NULL THEN 'live' ELSE 'wiped' END,
       'version', version, 'sealedAt', sealed_at, 'tokenExpiresAt', token_expires_at,
       'wipedAt', wiped_at, 'hasPendingEvent', pending_event IS NOT NULL, 'revocationCopy',
       (SELECT json_build_object('until', until, 'outcome', outcome)
          FROM vault.revocation_copies WHERE channel_id = $1))
       FROM vault.tokens WHERE channel_id = $1) AS vault,
    (SELECT coalesce(json_agg(json_build_object(
       'effect', effect, 'state', state, 'outcome', outcome, 'counts', counts,
       'attempts', attempts, 'receivedAt', received_at, 'firstAttemptAt', first_attempt_at,
       'parkedAt', parked_at, 'finishedAt', finished_at, 'recordedAt', recorded_at,
       'error', error) ORDER BY received_at, effect), '[]')
       FROM effects.work WHERE channel_id = $1) AS work`;

type Rooms = Pick<ChannelReport, 'registry' | 'vault' | 'work'>;

async function roomsOf(dataSource: DataSource, id: ChannelId): Promise<Rooms> {
  const [found]: [Rooms] = await dataSource.query(rooms, [id]);
  return withUtcTimes(found);
}

/** PostgreSQL writes times into JSON with the session's zone. */
function withUtcTimes<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (name, part: unknown) =>
    /(At|until)$/.test(name) && typeof part === 'string' ? new Date(part).toISOString() : part,
  ) as T;
}
