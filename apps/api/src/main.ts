import { eventStoreProbe, postgresProbe, runRole } from '@app/role';
import { ApiModule } from './api.module';

void runRole({
  role: 'api',
  module: ApiModule,
  port: ({ apiPort }) => apiPort,
  answersRequests: true,
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings)],
});
