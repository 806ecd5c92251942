import type { OnApplicationShutdown } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { EventStore } from './event-store';

@Module({
  providers: [
    {
      provide: EventStore,
      inject: [Settings],
      useFactory: (settings: Settings) =>
        new EventStore(settings.eventstoreUrl, settings.storeTimeoutMs),
    },
  ],
  exports: [EventStore],
})
export class EventStoreModule implements OnApplicationShutdown {
  constructor(private readonly store: EventStore) {}

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
