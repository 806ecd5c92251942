import { eventStoreProbe, kafkaProbe, postgresProbe, runRole } from '@app/role';
import { RelayModule } from './relay.module';

void runRole({
  role: 'relay',
  module: RelayModule,
  leads: true,
  port: ({ relayPort }) => relayPort,
  metrics: 'beside health',
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings), kafkaProbe(settings)],
});
