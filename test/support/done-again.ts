import type { ChannelRow } from '@app/domain';

/** SQL that leaves the work of a channel as survivors do: one effect was done again, another one is about to be. */
export function doneAgain({ id }: Pick<ChannelRow, 'id'>): string {
  return `
    UPDATE effects.work
       SET attempts = 2, finished_at = clock_timestamp(), counts = '{"deleted": 9}'
     WHERE channel_id = '${id}' AND effect = 'comments-purge' AND state = 'recorded';
    UPDATE effects.work
       SET state = 'pending', outcome = NULL, finished_at = NULL, recorded_at = NULL
     WHERE channel_id = '${id}' AND effect = 'analytics-purge' AND state = 'recorded'`;
}
