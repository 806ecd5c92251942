import { randomUUID } from 'node:crypto';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { AppendReq, ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { credentials } from '@grpc/grpc-js';
import { TcpProxy } from '../../../support/tcp-proxy';
import { collect, counted, numberOf, startServer, type ServerUnderTest } from './running-server';

let server: ServerUnderTest;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());

function optionsOf(stream: string): AppendReq {
  const name = new StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'));
  return new AppendReq().setOptions(
    new AppendReq.Options().setStreamIdentifier(name).setAny(new Empty()),
  );
}

function anEvent(): AppendReq {
  const event = new AppendReq.ProposedMessage()
    .setId(new UUID().setString(randomUUID()))
    .setData(Buffer.from('{"n":7}').toString('base64'));
  event.getMetadataMap().set('type', 'Counted').set('content-type', 'application/json');
  return new AppendReq().setProposedMessage(event);
}

/** Sends the first of an append's events; the connection is lost once the server has it. */
async function breakOff(stream: string): Promise<void> {
  const proxy = await TcpProxy.before(server.engine.url);
  const client = new StreamsClient(new URL(proxy.url).host, credentials.createInsecure());
  await new Promise<void>((resolve) => {
    const call = client.append(() => resolve());
    call.write(optionsOf(stream));
    call.write(anEvent());
    // On the same connection: its answer comes after the server has taken what was sent before.
    client
      .read(aRead())
      .on('data', () => void proxy.close())
      .on('error', () => undefined);
  });
  client.close();
}

/** Of a stream that isn't there: one answer, which says so. */
function aRead(): ReadReq {
  const name = new StreamIdentifier().setStreamName(Buffer.from('none').toString('base64'));
  const stream = new ReadReq.Options.StreamOptions()
    .setStreamIdentifier(name)
    .setStart(new Empty());
  return new ReadReq().setOptions(
    new ReadReq.Options()
      .setStream(stream)
      .setCount('1')
      .setNoFilter(new Empty())
      .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty())),
  );
}

it('an append whose client is lost in the middle has not happened', async () => {
  for (let n = 0; n < 5; n += 1) await breakOff('one');
  await server.client.appendToStream('one', counted(1));
  // What is on its way is settled by then.
  await server.restart();
  expect((await collect(server.client.readStream('one'))).map(numberOf)).toEqual([0]);
});
