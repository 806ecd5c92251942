import { EventStoreDBClient, UnavailableError } from '@eventstore/db-client';
import type { GRPCClientConstructor } from '@eventstore/db-client';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { CallOptions, Client, ClientReadableStream, Metadata } from '@grpc/grpc-js';
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import type { ReadAnswer } from './read-answer';
import { decodeReadAnswer } from './read-answer';

interface ReadClient extends Client {
  read(
    request: ReadReq,
    metadata: Metadata,
    options: CallOptions,
  ): ClientReadableStream<ReadAnswer>;
}

/** The generated service, but for the decoding of its answers. */
const ReadClient = makeGenericClientConstructor(
  { read: { ...StreamsService.read, responseDeserialize: decodeReadAnswer } },
  'Streams',
) as unknown as GRPCClientConstructor<ReadClient>;

/** A read under way. */
export interface OpenRead {
  readonly call: ClientReadableStream<ReadAnswer>;
  /** Has the next call connect anew: whoever is at the other end of this connection is silent. */
  readonly giveUpConnection: () => Promise<void>;
}

/**
 * The official client's connection: where the store is, its certificates and credentials, finding
 * the leader, pings, and connecting anew all stay the client's. Only a subclass may reach it, hence
 * a class of which there is never an instance.
 */
export abstract class ReadConnection extends EventStoreDBClient {
  /** Begins a read, which has no deadline. The leader knows of every event that was ever acknowledged. */
  static async open(
    client: EventStoreDBClient,
    request: ReadReq,
    { requiresLeader }: { readonly requiresLeader: boolean },
  ): Promise<OpenRead> {
    const connection: ReadConnection = client;
    let used: ReadClient;
    const create = connection.GRPCStreamCreator(ReadClient, 'read', (grpc) => {
      used = grpc;
      const options = connection.callArguments({ requiresLeader }, { deadline: Infinity });
      return grpc.read(request, ...options);
    });
    const call = await create();
    return { call, giveUpConnection: () => connection.handleError(used, new UnavailableError()) };
  }
}
