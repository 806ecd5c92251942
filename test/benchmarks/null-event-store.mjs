import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import process from 'node:process';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { isOurs, longStream, proposed, streamOf } from './event-store-history.mjs';

/**
 * Answers the calls of the benchmark with bytes that were encoded before the first of them: no disk, no
 * request understood beyond what its answer must repeat. As many answers as the store gives, of the same
 * sizes, and as many of them together.
 */
const count = Number(process.argv[2]);

const built = createRequire(new URL('../../dist/libs/embedded/src/event-store/', import.meta.url));
const { Outgoing } = built('./calls/outgoing');
const { sendTogether } = built('./calls/many-answers');
const { supportedMethods } = built('./calls/supported-methods');
const { encodeBatchOutcome } = built('./protocol/batch-append-answer');
const answers = built('./protocol/read-answer');
const { CheckpointCounter } = built('./protocol/checkpoint-counter');
const { PAGE_EVENTS } = built('./store/event-log');
const { Recorder } = built('./store/recorder');

const recorder = new Recorder(Date.now());
const history = Array.from({ length: count }, (_, n) => {
  const stream = streamOf(n, count);
  const [revision, position] = [stream === longStream ? n : n % 10, 1 + n * 500];
  return recorder.record(proposed(n), { stream, revision, position });
});
const pages = Array.from({ length: Math.ceil(count / PAGE_EVENTS) }, (_, n) =>
  history.slice(n * PAGE_EVENTS, (n + 1) * PAGE_EVENTS),
);
const allPages = pages.map((page) => page.map(answers.encodeEvent));
const streamPages = pages
  .map((page) => page.filter(({ stream }) => stream === longStream).map(answers.encodeEvent))
  .filter((page) => page.length > 0);
/** By their interval: a client chooses how often it is told where it is. */
const catchUps = new Map();

function catchUpPages(interval) {
  const counter = new CheckpointCounter(interval);
  return pages.map((page) =>
    page.flatMap((event) => [
      ...(isOurs(event.stream) ? [answers.encodeEvent(event)] : []),
      ...(counter.consider()
        ? [answers.encodeCheckpoint({ commit: event.position, prepare: event.position })]
        : []),
    ]),
  );
}
for (const interval of [32, 32 * 32]) catchUps.set(interval, catchUpPages(interval));

const neverClosing = new globalThis.AbortController().signal;

async function read(call) {
  const outgoing = new Outgoing(call, neverClosing);
  const options = call.request.getOptions();
  try {
    if (!options.hasSubscription()) {
      const found = options.hasStream() ? streamPages : allPages;
      for (const page of found) await outgoing.send(page);
      outgoing.end();
      return;
    }
    const interval = 32 * options.getFilter().getCheckpointintervalmultiplier();
    await outgoing.send([answers.encodeConfirmation('bench')]);
    for (const page of catchUps.get(interval)) await outgoing.send(page);
    await outgoing.send([answers.encodeCaughtUp()]);
  } catch (error) {
    outgoing.fail(error);
  }
}

/** All of an answer but the correlation id, which stands first in both the request and the answer. */
const appended = Buffer.from(
  encodeBatchOutcome(
    { correlationId: undefined, stream: longStream },
    { stream: longStream, expected: 'any', events: [] },
    { kind: 'written', revision: count, position: count * 500 },
  ).serializeBinary(),
);

const server = new Server({
  'grpc.max_receive_message_length': 17 * 1024 * 1024,
  interceptors: [sendTogether],
});
server.addService(ServerFeaturesService, {
  getSupportedMethods: (_, answer) => answer(null, supportedMethods()),
});
const asTheyAre = { requestDeserialize: (bytes) => bytes, responseSerialize: (bytes) => bytes };
server.addService(
  {
    batchAppend: { ...StreamsService.batchAppend, ...asTheyAre },
    read: { ...StreamsService.read, responseSerialize: asTheyAre.responseSerialize },
  },
  {
    read,
    batchAppend: (call) => {
      call.on('data', (request) =>
        call.write(Buffer.concat([request.subarray(0, 2 + request[1]), appended])),
      );
      call.on('end', () => call.end());
    },
  },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send({ port });
});
process.on('disconnect', () => process.exit());
