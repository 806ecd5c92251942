import { eventStoreProbe, kafkaProbe, postgresProbe, runRole } from '@app/role';
import { SubscribersModule } from './subscribers.module';

void runRole({
  role: 'subscribers',
  module: SubscribersModule,
  worksInBatches: true,
  port: ({ subscribersPort }) => subscribersPort,
  metrics: 'beside health',
  probes: (settings) => [postgresProbe(settings), eventStoreProbe(settings), kafkaProbe(settings)],
});
