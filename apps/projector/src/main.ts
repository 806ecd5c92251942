import { eventStoreProbe, postgresProbe, runRole } from '@app/role';
import { ProjectorModule } from './projector.module';

void runRole({
  role: 'projector',
  module: ProjectorModule,
  port: ({ projectorPort }) => projectorPort,
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings)],
});
