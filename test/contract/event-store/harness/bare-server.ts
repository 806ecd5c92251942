import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';

/** The calls of the protocol that a test answers itself; gRPC answers UNIMPLEMENTED to the rest. */
export interface Answers {
  readonly features?: UntypedServiceImplementation;
  readonly gossip?: UntypedServiceImplementation;
  readonly streams?: UntypedServiceImplementation;
}

/**
 * Runs a test with a client of a server that is no event store: it shows what the client sends, and
 * what it makes of an answer that a real server gives only on bad days.
 */
export async function withBareServer(
  answers: Answers,
  test: (client: EventStoreDBClient) => Promise<void>,
): Promise<void> {
  const server = new Server();
  const { features = {}, gossip = {}, streams = {} } = answers;
  server.addService(ServerFeaturesService, features);
  server.addService(GossipService, gossip);
  server.addService(StreamsService, streams);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
  try {
    await test(client);
  } finally {
    await client.dispose();
    server.forceShutdown();
  }
}
