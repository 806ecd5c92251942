import { Module } from '@nestjs/common';
import { EffectsModule, EffectsRuntime } from '@app/effects';
import { BackgroundLoop } from '@app/role';

/** Kafka to effects: consumers, workers and what records the outcomes. */
@Module({
  imports: [EffectsModule],
  providers: [
    {
      provide: BackgroundLoop,
      inject: [EffectsRuntime],
      useFactory: (effects: EffectsRuntime) =>
        new BackgroundLoop('subscribers', (signal) => effects.run(signal)),
    },
  ],
})
export class SubscribersModule {}
