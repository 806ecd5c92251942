import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Agent, createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { paced } from '@app/testing';

/** Looks a second at each instance's `ready`. */
const looks = 5;
/** What belongs to one connection, and isn't passed on. */
const hopByHop = ['connection', 'keep-alive', 'transfer-encoding'];

/**
 * Stands before the instances of a role as a load balancer does: it keeps connections, sends in turn to
 * those that said lately that they are ready (to all when none is), and to another one only what was
 * never sent, because its connection was refused. Whatever else goes wrong reaches the caller, as a 502 or
 * a broken answer.
 */
export class Balancer {
  /** What did not come to a whole answer. */
  readonly failures: string[] = [];
  private readonly ready = new Set<string>();
  private readonly underLook = new Set<string>();
  private readonly agent = new Agent({ keepAlive: true });
  private readonly looking: { stop(): Promise<unknown> };
  private turn = 0;

  private constructor(
    private readonly server: Server,
    private readonly instances: readonly string[],
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
    this.looking = paced(looks, () => Promise.all(instances.map((url) => this.look(url))));
  }

  static async before(instances: readonly string[]): Promise<Balancer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server, instances);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Whether it sends to all of them. */
  get isWhole(): boolean {
    return this.ready.size === this.instances.length;
  }

  async close(): Promise<void> {
    await this.looking.stop();
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
    await once(this.server, 'close');
  }

  /** One look at a time: an instance that takes long to answer is not asked more often for it. */
  private async look(url: string): Promise<void> {
    if (this.underLook.has(url)) return;
    this.underLook.add(url);
    const isReady = await fetch(`${url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    this.underLook.delete(url);
    if (isReady) this.ready.add(url);
    else this.ready.delete(url);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    for (let tries = 0; tries < this.instances.length; tries++) {
      const inTurn = this.ready.size > 0 ? [...this.ready] : this.instances;
      const instance = inTurn[this.turn++ % inTurn.length]!;
      if (await this.pass(instance, request, body, response)) return;
    }
    this.fail('each refused the connection', request, response);
  }

  /** @returns false when the connection was refused, so that nothing was sent */
  private pass(
    instance: string,
    { method, url, headers }: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<boolean> {
    const { agent } = this;
    const options = { method, headers: passedOn(headers), agent };
    return new Promise((resolve) => {
      const sent = ask(instance + url!, options, (answer) => {
        response.writeHead(answer.statusCode!, passedOn(answer.headers));
        pipeline(answer, response)
          .catch((error: unknown) => this.fail(error, { method, url }, response))
          .finally(() => resolve(true));
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const refused = error.code === 'ECONNREFUSED';
        if (refused) this.ready.delete(instance);
        else this.fail(error, { method, url }, response);
        resolve(!refused);
      });
      sent.end(body);
    });
  }

  private fail(
    reason: unknown,
    { method, url }: Pick<IncomingMessage, 'method' | 'url'>,
    response: ServerResponse,
  ): void {
    this.failures.push(`${method} ${url}: ${String(reason)}`);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end('{}');
  }
}

function passedOn<T extends NodeJS.Dict<unknown>>(headers: T): T {
  const passed = Object.entries(headers).filter(([name]) => !hopByHop.includes(name));
  return Object.fromEntries(passed) as T;
}
