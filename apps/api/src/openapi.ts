import type { OpenAPIObject } from '@nestjs/swagger';
import { ConfigModule, Settings } from '@app/config';
import { asyncApiDocument, dataSchemas, messageTypes } from '@app/contracts';
import type { ServedDocument } from '@app/http';
import { describeApi } from '@app/http';
import { PersistenceModule } from '@app/persistence';
import { ApiModule } from './api.module';

export const publicApi: ServedDocument = {
  paths: { json: '/api/openapi.json', ui: '/api/docs' },
  more: {
    '/api/asyncapi.json': asyncApiDocument,
    ...Object.fromEntries(
      messageTypes.map((type) => [
        `/api/schemas/${type}.json`,
        () => JSON.stringify(dataSchemas[type]),
      ]),
    ),
  },
  about: {
    title: 'Postbreeze Channels',
    description:
      'The social accounts of a workspace, and above all how their connection ends. Every failure has the shape of Problem, also of requests that reach no route (404, 405 with Allow, 408, 431) and of our own faults (500).',
    keyFormat: 'pb_live_ and 32 characters',
    module: ApiModule,
  },
};

/** The public API as docs/openapi.json describes it. */
export function apiDocument(): Promise<OpenAPIObject> {
  return describeApi(
    [ConfigModule.forRoot(new Settings()), PersistenceModule.forRoot()],
    publicApi.about,
  );
}
