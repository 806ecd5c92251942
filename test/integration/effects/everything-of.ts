import type { ChannelId } from '@app/domain';
import { channelStream, disconnectionStream } from '@app/event-store';
import type { EffectsUnderTest } from './effects-under-test';

/** What there is about a channel, by where it stands; equal only when every byte is. */
export type Everything = Readonly<Record<string, readonly string[]>>;

/**
 * Every row about a channel in every table that has such rows, whichever those are, and its streams.
 * A row comes with the transaction that wrote it, so that one that was written again as it was is
 * seen too.
 */
export async function everythingOf(
  effects: EffectsUnderTest,
  channelId: ChannelId,
): Promise<Everything> {
  const found: Record<string, readonly string[]> = {};
  for (const [table, condition] of await tablesAboutChannels(effects)) {
    const rows: { text: string }[] = await effects.dataSource.query(
      `SELECT xmin || ' ' || found::text AS text FROM ${table} AS found WHERE ${condition} ORDER BY 1`,
      [channelId],
    );
    found[table] = rows.map(({ text }) => text);
  }
  for (const stream of [channelStream(channelId), disconnectionStream(channelId)]) {
    const events = await effects.store.read(stream);
    found[stream] = events.map(({ id, revision, recordedAt, event, metadata }) =>
      JSON.stringify({ id, revision, recordedAt, event, metadata }),
    );
  }
  return found;
}

/** Each with the condition that picks a channel's rows, `$1` being its id. */
async function tablesAboutChannels({ dataSource }: EffectsUnderTest): Promise<[string, string][]> {
  const tables: { name: string }[] = await dataSource.query(
    `SELECT table_schema || '.' || table_name AS name
       FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
      WHERE column_name = 'channel_id' AND table_type = 'BASE TABLE'`,
  );
  return [
    ...tables.map(({ name }): [string, string] => [name, 'channel_id = $1']),
    ['registry.channels', 'id = $1'],
    [
      'publishing.posts',
      'id IN (SELECT post_id FROM publishing.post_targets WHERE channel_id = $1)',
    ],
  ];
}
