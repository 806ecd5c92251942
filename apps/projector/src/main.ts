import { eventStoreProbe, postgresProbe, runRole } from '@app/role';
import { ProjectorModule } from './projector.module';

void runRole({
  role: 'projector',
  module: ProjectorModule,
  leads: true,
  port: ({ projectorPort }) => projectorPort,
  metrics: 'beside health',
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings)],
});
