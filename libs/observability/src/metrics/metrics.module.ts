import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { Scrapes } from './scrapes';

/** The scrapes of one process, for the rooms that add their readings and for whoever serves them. */
@Module({
  providers: [
    {
      provide: Scrapes,
      inject: [Settings],
      useFactory: (settings: Settings) => new Scrapes(settings),
    },
  ],
  exports: [Scrapes],
})
export class MetricsModule {}
