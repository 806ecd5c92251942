import { setMaxListeners } from 'node:events';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import type {
  AppendReq,
  AppendResp,
  BatchAppendResp,
  DeleteReq,
  DeleteResp,
  ReadReq,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { append } from './calls/append';
import { batchAppend } from './calls/batch-append';
import { softDelete, tombstone } from './calls/delete';
import { clusterOfOne } from './calls/gossip';
import { sendTogether, type ManyAnswers } from './calls/many-answers';
import { read } from './calls/read';
import { supportedMethods } from './calls/supported-methods';
import { wholeRequests } from './calls/whole-requests';
import { decodeBatchAppend, type BatchAppendMessage } from './protocol/batch-append-request';
import type { Store } from './store/store';
import type { Strictness } from './strictness';

/** The client puts up to 3 MiB in a message, so gRPC's own 4 MiB would nearly do. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

const HOST = '127.0.0.1';

/** How long ended calls may take to say so to their clients. */
const CLOSE_GRACE_MS = 1_000;

export interface RunningServer {
  readonly port: number;
  /** Answers the appends on their way, ends every other call, stops listening. */
  close(): Promise<void>;
}

/**
 * Serves a store on 127.0.0.1. Calls that aren't named here, of whichever service, are
 * answered UNIMPLEMENTED by gRPC itself.
 *
 * @param options.port the one that is wanted; 0 for a free one
 * @param options.strictness what it does to subscriptions; undefined for nothing
 * @throws Error when the port can't be had
 */
export async function serve(
  store: Store,
  options: { port: number; strictness?: Strictness },
): Promise<RunningServer> {
  const closing = new AbortController();
  // Each call under way listens, however many there are.
  setMaxListeners(0, closing.signal);
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    interceptors: [wholeRequests, sendTogether],
  });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, answer: sendUnaryData<unknown>) =>
      answer(null, supportedMethods()),
  });
  const port = { bound: 0 };
  // Where the store isn't sound, this process ends.
  const whenSound = (serveCall: () => Promise<void>): void =>
    void store.sound.then(serveCall, () => undefined);
  server.addService(
    { read: GossipService.read },
    {
      read: (_call: unknown, answer: sendUnaryData<unknown>) =>
        answer(null, clusterOfOne(HOST, port.bound)),
    },
  );
  server.addService(
    {
      append: StreamsService.append,
      // Its events are most of it, and the generated code takes four times as long for them.
      batchAppend: { ...StreamsService.batchAppend, requestDeserialize: decodeBatchAppend },
      delete: StreamsService.delete,
      tombstone: StreamsService.tombstone,
      // A read hands over bytes that are encoded already.
      read: { ...StreamsService.read, responseSerialize: (answer: Buffer) => answer },
    },
    {
      append: (
        call: ServerReadableStream<AppendReq, AppendResp>,
        answer: sendUnaryData<AppendResp>,
      ) => whenSound(() => append(store, call, answer)),
      batchAppend: (call: ServerDuplexStream<BatchAppendMessage, BatchAppendResp>) =>
        whenSound(() => batchAppend(store, call, closing.signal)),
      delete: (call: ServerUnaryCall<DeleteReq, DeleteResp>, answer: sendUnaryData<DeleteResp>) =>
        whenSound(() => softDelete(store, call, answer)),
      tombstone: (
        call: ServerUnaryCall<TombstoneReq, TombstoneResp>,
        answer: sendUnaryData<TombstoneResp>,
      ) => whenSound(() => tombstone(store, call, answer)),
      read: (call: ServerWritableStream<ReadReq, ManyAnswers>) =>
        whenSound(() =>
          read(store, call, { closing: closing.signal, strictness: options.strictness }),
        ),
    },
  );
  port.bound = await bind(server, options.port);
  return {
    port: port.bound,
    close: async () => {
      await store.appender.settled();
      closing.abort();
      await new Promise<void>((resolve) => {
        // A client that doesn't read, or that hangs itself, would otherwise hold this process up
        // for ever, also after the force: its session never answers.
        const force = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, CLOSE_GRACE_MS);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${HOST}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}
