import { eventStoreProbe, postgresProbe, runRole } from '@app/role';
import { InternalModule } from './internal.module';

void runRole({
  role: 'internal',
  module: InternalModule,
  port: ({ internalPort }) => internalPort,
  answersRequests: true,
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings)],
});
