import type { OpenAPIObject } from '@nestjs/swagger';
import { ConfigModule, Settings } from '@app/config';
import { describeApi } from '@app/http';
import { PersistenceModule } from '@app/persistence';
import { ApiModule } from './api.module';

/** The public API as docs/openapi.json describes it. */
export function apiDocument(): Promise<OpenAPIObject> {
  return describeApi(
    [ConfigModule.forRoot(new Settings()), PersistenceModule.forRoot(), ApiModule],
    {
      title: 'Postbreeze Channels',
      description: 'The social accounts of a workspace, and above all how their connection ends.',
      keyFormat: 'pb_live_ and 32 characters',
    },
  );
}
