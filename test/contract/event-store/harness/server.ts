import { EventStoreDBClient } from '@eventstore/db-client';
import {
  startServer,
  type ServerUnderTest,
} from '../../../integration/embedded/event-store/running-server';
import { urlOfOther } from './rule';

export {
  collect,
  counted,
  numberOf,
} from '../../../integration/embedded/event-store/running-server';

/** What is told is tested here; that it outlives a crash of the machine is not. */
const QUICK = { fsync: false };

/** A server that may be used by others too, and the one client of this file. */
export interface SharedServer {
  readonly url: string;
  readonly client: EventStoreDBClient;
  /** Not of a server of others. */
  readonly restart?: () => Promise<void>;
}

/** For all tests of a file: the server at EVENTSTORE_URL, else an embedded one of its own. */
export function serverOfThisFile(): SharedServer {
  let started: ServerUnderTest | undefined;
  let client: EventStoreDBClient | undefined;
  beforeAll(async () => {
    if (urlOfOther === undefined) started = await startServer(QUICK);
    else client = EventStoreDBClient.connectionString(urlOfOther);
  });
  afterAll(async () => {
    await started?.remove();
    await client?.dispose();
  });
  return {
    get url() {
      return urlOfOther ?? started!.engine.url;
    },
    get client() {
      return client ?? started!.client;
    },
    ...(urlOfOther === undefined && { restart: () => started!.restart() }),
  };
}

/** Within {@link embeddedOnly}: a server of its own for each test, to be stopped and restarted. */
export function ownServerForEachTest(): Omit<ServerUnderTest, 'remove'> {
  let server: ServerUnderTest;
  beforeEach(async () => {
    server = await startServer(QUICK);
  });
  afterEach(() => server.remove());
  return {
    get folder() {
      return server.folder;
    },
    get engine() {
      return server.engine;
    },
    get client() {
      return server.client;
    },
    restart: () => server.restart(),
  };
}
