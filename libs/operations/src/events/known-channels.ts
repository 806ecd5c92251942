import type { DataSource } from 'typeorm';
import type { ChannelId, ChannelRow } from '@app/domain';
import { ChannelRows } from '@app/queries';
import type { KnownChannel } from './lost-life';

/** What one statement finds of a channel; the row that readers see is asked for where it is needed. */
export type ClaimedChannel = Omit<KnownChannel, 'row'>;

/** Channels at a time. */
const pageSize = 64;

/**
 * Whose events the store has to have: all that live, and all that were disconnected. A connect that has not
 * finished is given up by itself, and of one that was given up nothing is left. JSON, so that times
 * come as text.
 */
const page = `
  SELECT json_build_object(
    'channelId', channel.id, 'workspaceId', channel.workspace_id, 'platform', channel.platform,
    'externalId', channel.external_id, 'grantRef', channel.grant_ref, 'openedAt', channel.opened_at,
    'tokenVersion', (SELECT version FROM vault.tokens WHERE tokens.channel_id = channel.id),
    'isWiped', EXISTS (SELECT FROM vault.tokens WHERE tokens.channel_id = channel.id AND wiped_at IS NOT NULL),
    'endedAt', ending.ended_at,
    'deadline', (SELECT deadline FROM effects.disconnections watched WHERE watched.channel_id = channel.id),
    'receipt', (SELECT receipt FROM read_model.receipts WHERE receipts.channel_id = channel.id),
    'askedFor', (SELECT coalesce(json_agg(effect), '[]') FROM effects.work
                  WHERE work.channel_id = channel.id)) AS known
    FROM registry.channels channel
    LEFT JOIN registry.endings ending ON ending.channel_id = channel.id
   WHERE channel.id > $1
     AND (ending.kind = 'disconnected' OR ending.kind IS NULL AND channel.state = 'live')
   ORDER BY channel.id LIMIT ${pageSize}`;

/** Every channel that the registry says was connected, a page at a time, by id. */
export async function* claimedChannels(
  dataSource: DataSource,
): AsyncGenerator<ClaimedChannel[], void> {
  for (let after = ''; ;) {
    const rows: { known: ClaimedChannel }[] = await dataSource.query(page, [after]);
    if (rows.length === 0) return;
    yield rows.map(({ known }) => inUtc(known));
    after = rows.at(-1)!.known.channelId;
  }
}

/** As readers see it; null where no projector has come to it. */
export async function rowKnown(dataSource: DataSource, id: ChannelId): Promise<ChannelRow | null> {
  return (await new ChannelRows(dataSource).find(id)) ?? null;
}

/** PostgreSQL writes times into JSON with the session's zone. */
function inUtc(known: ClaimedChannel): ClaimedChannel {
  const { openedAt, endedAt, deadline } = known;
  const utc = (time: string): string => new Date(time).toISOString();
  return {
    ...known,
    openedAt: utc(openedAt),
    endedAt: endedAt && utc(endedAt),
    deadline: deadline && utc(deadline),
  };
}
