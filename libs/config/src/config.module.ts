import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { armFailpoint } from './failpoints';
import { Settings } from './settings';

/** Gives the process its settings, loaded before Nest starts so that a bad one is one line. */
@Module({})
export class ConfigModule {
  static forRoot(settings: Settings): DynamicModule {
    armFailpoint(settings.failpoint, settings.failpointOf);
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: Settings, useValue: settings }],
      exports: [Settings],
    };
  }
}
