import { eventStoreProbe, postgresProbe, runRole } from '@app/role';
import { ApiModule } from './api.module';
import { publicApi } from './openapi';

void runRole({
  role: 'api',
  module: ApiModule,
  document: publicApi,
  port: ({ apiPort }) => apiPort,
  metrics: ({ apiMetricsPort }) => apiMetricsPort,
  answersRequests: true,
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings)],
});
