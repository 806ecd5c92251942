import type { DataSource, DataSourceOptions } from 'typeorm';
import type { Settings } from '@app/config';
import { EventStore } from '@app/event-store';
import { askOnce, eventStoreProbe } from '@app/role';
import { withDatabase } from './with-database';

/** What an operator looks at. */
export interface Stores {
  readonly dataSource: DataSource;
  readonly events: EventStore;
}

/**
 * Does something with the database and the event store, and lets go of both afterwards.
 *
 * @param settings of the role `ops events`
 * @throws Error in one line that says what to do, when one of them is away
 */
export function withStores<T>(
  settings: Settings,
  entities: DataSourceOptions['entities'],
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  return withDatabase(settings, entities, async (dataSource) => {
    await askOnce(eventStoreProbe(settings), settings.startTimeoutMs);
    const events = new EventStore(settings.eventstoreUrl, settings.startTimeoutMs);
    try {
      return await work({ dataSource, events });
    } finally {
      await events.close();
    }
  });
}
