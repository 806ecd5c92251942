import { Module } from '@nestjs/common';
import { channelsTopic, consumerGroupOf } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import { EffectsModule, EffectsRuntime, OpenWorkMetricsModule, reconcilerName } from '@app/effects';
import { GroupLagMetricsModule } from '@app/kafka';
import { BackgroundLoop } from '@app/role';
import { LagMetricsModule } from '@app/subscriptions';

/** Kafka to effects: consumers, workers and what records the outcomes. */
@Module({
  imports: [
    EffectsModule,
    OpenWorkMetricsModule,
    LagMetricsModule.of({ handlers: [reconcilerName] }),
    GroupLagMetricsModule.of({
      topic: channelsTopic,
      groups: announcedEffects.map(consumerGroupOf),
    }),
  ],
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
