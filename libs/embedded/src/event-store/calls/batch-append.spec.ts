import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { BatchAppendMessage } from '../protocol/batch-append-request';
import type { AppendRequest, WriteRequest } from '../store/draft';
import { openStore, type Store } from '../store/store';
import { batchAppend } from './batch-append';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'batch-append-'));
  const ignore = (): void => {};
  store = await openStore(folder, { fsync: false, onFailure: ignore, onUndecided: ignore });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** A call that a client has sent whole, and what it is answered. */
class SentCall extends Duplex {
  readonly answers: BatchAppendResp[] = [];

  constructor(messages: readonly BatchAppendMessage[]) {
    super({ objectMode: true });
    for (const message of messages) this.push(message);
    this.push(null);
  }

  override _read(): void {}

  override _write(answer: BatchAppendResp, _: BufferEncoding, done: () => void): void {
    this.answers.push(answer);
    done();
  }
}

/** An append of one event. */
function anAppend(stream: string, bytes = 2): BatchAppendMessage {
  const name = new StreamIdentifier().setStreamName(Buffer.from(stream));
  const event = { id: randomUUID(), type: 'Written', contentType: 'application/json' };
  return {
    correlationId: new UUID().setString(randomUUID()),
    options: new BatchAppendReq.Options().setStreamIdentifier(name).setAny(new Empty()),
    proposals: [{ ...event, data: Buffer.alloc(bytes), customMetadata: Buffer.alloc(0) }],
    isFinal: true,
  };
}

/** Lets a request to a stream through that no decoder would: its event has no id. */
function letThroughTo(stream: string): void {
  const write = store.appender.write.bind(store.appender);
  const withoutId = (request: AppendRequest): AppendRequest => ({
    ...request,
    events: request.events.map((event) => ({ ...event, id: undefined! })),
  });
  jest
    .spyOn(store.appender, 'write')
    .mockImplementation((request: WriteRequest) =>
      write(request.kind === 'append' && request.stream === stream ? withoutId(request) : request),
    );
}

async function serve(call: SentCall): Promise<void> {
  await batchAppend(
    store,
    call as unknown as ServerDuplexStream<BatchAppendMessage, BatchAppendResp>,
    new AbortController().signal,
  );
}

describe('a batch append call', () => {
  it('is not read on while 8 MiB of it, or 128 appends, are on their way to disk', async () => {
    const write = store.appender.write.bind(store.appender);
    let underWay = 0;
    const most = { large: 0, small: 0 };
    jest.spyOn(store.appender, 'write').mockImplementation(async (request) => {
      const size = request.stream as keyof typeof most;
      most[size] = Math.max(most[size], (underWay += 1));
      return write(request).finally(() => (underWay -= 1));
    });
    const appends = Array.from({ length: 20 }, () => anAppend('large', 1_000_000));
    await serve(new SentCall(appends));
    await serve(new SentCall(Array.from({ length: 300 }, () => anAppend('small'))));
    expect(most).toEqual({ large: 9, small: 128 });
  });
});

describe('a batch append that the store fails to decide', () => {
  it('is answered UNKNOWN itself; others on the call are written and answered', async () => {
    letThroughTo('broken');
    const call = new SentCall(['one', 'broken', 'two', 'one'].map((stream) => anAppend(stream)));
    await serve(call);
    const told = call.answers.map((answer) => [
      Buffer.from(answer.getStreamIdentifier()!.getStreamName_asU8()).toString(),
      answer.getError()?.getDetails()?.getTypeName() ?? answer.getSuccess()?.getCurrentRevision(),
    ]);
    expect(told.sort()).toEqual([
      ['broken', 'event_store.client.Unknown'],
      ['one', '0'],
      ['one', '1'],
      ['two', '0'],
    ]);
    expect(call.errored).toBeNull();
  });
});
