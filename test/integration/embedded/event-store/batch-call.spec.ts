import { randomUUID } from 'node:crypto';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { credentials, status, type StatusObject } from '@grpc/grpc-js';
import { collect, numberOf, startServer, type ServerUnderTest } from './running-server';

let server: ServerUnderTest;
let client: StreamsClient;
beforeAll(async () => {
  server = await startServer();
  client = new StreamsClient(new URL(server.engine.url).host, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.remove();
});

const anEvent = (n: number): BatchAppendReq.ProposedMessage => {
  const event = new BatchAppendReq.ProposedMessage()
    .setId(new UUID().setString(randomUUID()))
    .setData(Buffer.from(JSON.stringify({ n })).toString('base64'));
  event.getMetadataMap().set('type', 'Counted').set('content-type', 'application/json');
  return event;
};

function anAppend(stream: string, n: number): BatchAppendReq {
  const name = new StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'));
  return new BatchAppendReq()
    .setCorrelationId(new UUID().setString(randomUUID()))
    .setOptions(new BatchAppendReq.Options().setStreamIdentifier(name).setAny(new Empty()))
    .setProposedMessagesList([anEvent(n)])
    .setIsFinal(true);
}

/** Sends messages on a call of their own. @returns the answers, and how the server ended the call */
async function callWith(messages: BatchAppendReq[], { whole }: { whole: boolean }) {
  const call = client.batchAppend({ deadline: Date.now() + 20_000 });
  const answers: BatchAppendResp[] = [];
  call.on('data', (answer: BatchAppendResp) => answers.push(answer));
  // The status says the same.
  call.on('error', () => {});
  const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve));
  for (const message of messages) call.write(message);
  if (whole) call.end();
  const { code, details } = await ended;
  return { answers, code, details };
}

describe('a batch append call', () => {
  it('whose client says that it has sent all is answered all the same, and ended well', async () => {
    const appends = Array.from({ length: 20 }, (_, n) => anAppend('whole', n));
    const { answers, code } = await callWith(appends, { whole: true });
    expect(code).toBe(status.OK);
    const told = answers.map((answer) => answer.getSuccess()?.getCurrentRevision());
    expect(told.map(Number).sort((a, b) => a - b)).toEqual(appends.map((_, n) => n));
    expect((await collect(server.client.readStream('whole'))).map(numberOf)).toEqual(
      appends.map((_, n) => n),
    );
  });

  it('passes over a message of an append that never began', async () => {
    const withoutOptions = new BatchAppendReq()
      .setCorrelationId(new UUID().setString(randomUUID()))
      .setProposedMessagesList([anEvent(1)])
      .setIsFinal(true);
    const { answers, code } = await callWith([withoutOptions, anAppend('next', 2)], {
      whole: true,
    });
    expect(code).toBe(status.OK);
    expect(answers.map((answer) => answer.getSuccess()?.getCurrentRevision())).toEqual(['0']);
    expect((await collect(server.client.readStream('next'))).map(numberOf)).toEqual([2]);
  });

  it.each([{ whole: true }, { whole: false }])(
    'with a message that belongs to no append that can be named is ended, and says why: %j',
    async (sent) => {
      const odd = anAppend('odd', 1).setCorrelationId(new UUID().setString('odd'));
      expect(await callWith([odd], sent)).toEqual({
        answers: [],
        code: status.INVALID_ARGUMENT,
        details: '"odd" is not a UUID',
      });
    },
  );
});
