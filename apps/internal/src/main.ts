import { eventStoreProbe, postgresProbe, runRole } from '@app/role';
import { InternalModule } from './internal.module';
import { internalApi } from './openapi';

void runRole({
  role: 'internal',
  module: InternalModule,
  document: { about: internalApi, paths: { json: '/internal/openapi.json' } },
  port: ({ internalPort }) => internalPort,
  answersRequests: true,
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings)],
});
