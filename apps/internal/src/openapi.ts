import type { OpenAPIObject } from '@nestjs/swagger';
import { ConfigModule, Settings } from '@app/config';
import { describeApi } from '@app/http';
import { PersistenceModule } from '@app/persistence';
import { InternalModule } from './internal.module';

/** The internal API as docs/openapi-internal.json describes it. */
export function internalDocument(): Promise<OpenAPIObject> {
  return describeApi(
    [ConfigModule.forRoot(new Settings()), PersistenceModule.forRoot(), InternalModule],
    {
      title: 'Postbreeze Channels, internal',
      description: 'For other services: connecting accounts. Never reachable from outside.',
      keyFormat: 'pb_svc_ and 32 characters',
    },
  );
}
