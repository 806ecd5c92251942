import type { OpenAPIObject } from '@nestjs/swagger';
import { ConfigModule, Settings } from '@app/config';
import type { ServedDocument } from '@app/http';
import { describeApi } from '@app/http';
import { PersistenceModule } from '@app/persistence';
import { InternalModule } from './internal.module';

export const internalApi: ServedDocument = {
  paths: { json: '/internal/openapi.json' },
  about: {
    title: 'Postbreeze Channels, internal',
    description:
      'For other services: connecting accounts, their tokens, and what becomes of them. Never reachable from outside. Every failure has the shape of Problem, also of requests that reach no route (404, 405 with Allow, 408, 431) and of our own faults (500).',
    keyFormat: 'pb_svc_ and 32 characters',
    module: InternalModule,
  },
};

/** The internal API as docs/openapi-internal.json describes it. */
export function internalDocument(): Promise<OpenAPIObject> {
  return describeApi(
    [ConfigModule.forRoot(new Settings()), PersistenceModule.forRoot()],
    internalApi.about,
  );
}
