import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import { EventStore, EventStoreModule } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import {
  followedHandlers,
  ProjectionMetricsModule,
  projections,
  runProjector,
} from '@app/projections';
import { Registrar, registrarName, RegistryModule } from '@app/registry';
import { BackgroundLoop } from '@app/role';
import { LagMetricsModule } from '@app/subscriptions';

/** EventStoreDB to PostgreSQL: the projections, and the registrar beside them. */
@Module({
  imports: [
    EventStoreModule,
    RegistryModule,
    ProjectionMetricsModule,
    LagMetricsModule.of({ handlers: [registrarName], further: followedHandlers }),
  ],
  providers: [
    {
      provide: BackgroundLoop,
      inject: [EventStore, DataSource, Settings, Registrar],
      useFactory: (
        events: EventStore,
        dataSource: DataSource,
        { leadershipTermMs, retryCapMs, stallAfterMs }: Settings,
        registrar: Registrar,
      ) =>
        new BackgroundLoop('projector', (signal) =>
          runProjector({
            projections,
            handlers: [registrar],
            events,
            dataSource,
            checkpoints: new CheckpointStore(dataSource),
            termMs: leadershipTermMs,
            retryCapMs,
            stallAfterMs,
            signal,
          }),
        ),
    },
  ],
})
export class ProjectorModule {}
