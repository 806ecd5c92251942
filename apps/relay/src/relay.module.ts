import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import { topics } from '@app/contracts';
import { EventStore, EventStoreModule } from '@app/event-store';
import { KafkaModule, MessagePublisher, probeKafka } from '@app/kafka';
import { CheckpointStore } from '@app/persistence';
import { relayName, runRelay } from '@app/relay';
import { BackgroundLoop } from '@app/role';
import { LagMetricsModule } from '@app/subscriptions';

/** EventStoreDB to Kafka: what the world is told. */
@Module({
  imports: [EventStoreModule, KafkaModule, LagMetricsModule.of({ handlers: [relayName] })],
  providers: [
    {
      provide: BackgroundLoop,
      inject: [EventStore, MessagePublisher, DataSource, Settings],
      useFactory: (
        events: EventStore,
        publisher: MessagePublisher,
        dataSource: DataSource,
        settings: Settings,
      ) =>
        new BackgroundLoop('relay', (signal) =>
          runRelay({
            events,
            publisher,
            dataSource,
            checkpoints: new CheckpointStore(dataSource),
            termMs: settings.leadershipTermMs,
            retryCapMs: settings.retryCapMs,
            stallAfterMs: settings.stallAfterMs,
            probeKafka: () => probeKafka(settings, topics, settings.storeTimeoutMs),
            signal,
          }),
        ),
    },
  ],
})
export class RelayModule {}
