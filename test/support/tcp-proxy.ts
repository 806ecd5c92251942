import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/**
 * A stretch of network before an engine that can swallow packets: while it hangs, connections are
 * accepted and nothing on them is ever answered. What was connected by then stays silent for good,
 * as behind a router that has forgotten its connections.
 */
export class TcpProxy {
  private hanging = false;
  private holding = false;
  private trigger: { readonly text: string; readonly meet: () => void } | undefined;
  /** Bytes that the engine has sent through here. */
  answered = 0;
  /** Connections so far. */
  accepted = 0;
  private readonly sockets = new Set<Socket>();
  /** Of those, the engine's ends. */
  private readonly answering = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.join(client));
  }

  /** Stands before what this URL points to, until `close`. */
  static async before(url: string): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, new URL(url));
  }

  /** The engine's URL, by way of here. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  hang(): void {
    this.hanging = true;
  }

  /**
   * Hangs as soon as a caller sends this, which does not arrive any more.
   *
   * @returns a promise that settles when it hangs
   */
  hangAt(text: string): Promise<void> {
    return this.meet(text, () => this.hang());
  }

  /** Settles as soon as a caller sends this, which goes its way. */
  hears(text: string): Promise<void> {
    return this.meet(text, () => undefined);
  }

  /** Keeps what the engine answers from now on, and closes nothing: a link that is only too slow. */
  hold(): void {
    this.holding = true;
    for (const socket of this.answering) socket.pause();
  }

  /** Lets through what was held, and what comes. */
  release(): void {
    this.holding = false;
    for (const socket of this.answering) socket.resume();
  }

  /** New connections work again. */
  heal(): void {
    this.hanging = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    this.accepted++;
    this.keep(client);
    if (this.hanging) return;
    const engine = connect(Number(this.target.port), this.target.hostname);
    this.keep(engine);
    this.answering.add(engine);
    engine.on('close', () => this.answering.delete(engine));
    let lost = false;
    const passes = (chunk: Buffer): boolean => {
      if (this.trigger && chunk.includes(this.trigger.text)) {
        this.trigger.meet();
        this.trigger = undefined;
      }
      lost ||= this.hanging;
      return !lost;
    };
    client.on('data', (chunk) => passes(chunk) && engine.write(chunk));
    engine.on('data', (chunk) => {
      this.answered += chunk.length;
      if (passes(chunk) && !client.write(chunk)) engine.pause();
    });
    client.on('drain', () => this.holding || engine.resume());
    if (this.holding) engine.pause();
    client.on('close', () => engine.destroy());
    engine.on('close', () => !lost && client.destroy());
  }

  private meet(text: string, then: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.trigger = {
        text,
        meet: () => {
          then();
          resolve();
        },
      };
    });
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    // The other end is told by the close that follows.
    socket.on('error', () => undefined);
  }
}
