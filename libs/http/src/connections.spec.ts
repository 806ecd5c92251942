import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { waitFor } from '@app/testing';
import { endConnectionsWithAnswers } from './connections';
import { createFastifyAdapter } from './fastify-adapter';

const lastAnswer = /^HTTP\/1.1 200 OK\r\n([^]*\r\n)?connection: close\r\n[^]*\r\n\r\nanswered$/;

describe('The end of a server', () => {
  let fastify: FastifyInstance;
  /** Settles when the slow route is asked; it answers once it is let. */
  let asked: Promise<unknown>;
  let answer: () => void;
  beforeAll(() => void Logger.overrideLogger(false));
  beforeEach(async () => {
    fastify = createFastifyAdapter().getInstance<FastifyInstance>();
    const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
    fastify.get('/fast', async () => 'answered');
    asked = new Promise((isAsked) => {
      fastify.get('/slow', async () => {
        isAsked(undefined);
        await mayAnswer;
        return 'answered';
      });
    });
    await fastify.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => fastify.close());

  /** Both ends of a new one. */
  async function connection(): Promise<{ client: Socket; accepted: Socket }> {
    const arriving = once(fastify.server, 'connection');
    const { port } = fastify.server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1').setEncoding('utf8');
    return { client, accepted: ((await arriving) as [Socket])[0] };
  }
  const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`;
  async function all(from: Socket): Promise<string> {
    let text = '';
    for await (const chunk of from) text += String(chunk);
    return text;
  }

  it('comes after every answer, which says that it is the last', async () => {
    const { client } = await connection();
    client.write(request('/slow'));
    await asked;
    const closed = fastify.close();
    await waitFor(() => !fastify.server.listening);
    answer();
    expect(await all(client)).toMatch(lastAnswer);
    await closed;
  });

  it('comes after the answer to a request that was only half there', async () => {
    const { client, accepted } = await connection();
    const whole = request('/fast');
    client.write(whole.slice(0, 10));
    await waitFor(() => accepted.bytesRead > 0);
    const closed = fastify.close();
    await waitFor(() => !fastify.server.listening);
    client.write(whole.slice(10));
    expect(await all(client)).toMatch(lastAnswer);
    await closed;
  });

  it('does not wait for connections on which nothing is asked', async () => {
    const [used, unused] = [await connection(), await connection()];
    used.client.write(request('/fast'));
    await once(used.client, 'data');
    const ends = [used, unused].map(({ client }) => all(client));
    await fastify.close();
    await Promise.all(ends);
  });

  it('is told with each answer, once that is wanted', async () => {
    const { client } = await connection();
    client.write(request('/slow'));
    await asked;
    endConnectionsWithAnswers(fastify.server);
    answer();
    expect(await all(client)).toMatch(lastAnswer);
  });
});
