import { eventStoreProbe, postgresProbe, runRole } from '@app/role';
import { InternalModule } from './internal.module';
import { internalApi } from './openapi';

void runRole({
  role: 'internal',
  module: InternalModule,
  document: internalApi,
  port: ({ internalPort }) => internalPort,
  metrics: ({ internalMetricsPort }) => internalMetricsPort,
  answersRequests: true,
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings)],
});
