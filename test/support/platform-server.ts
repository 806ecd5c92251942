import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it came in. */
export interface PlatformCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly form: Readonly<Record<string, string>>;
}

/** What the platform does with a call. */
export type Behaviour = (response: ServerResponse, call: PlatformCall) => unknown;

/** An answer as it should be, or as it should not. */
export const answers =
  (status: number, body: unknown = '', headers: Record<string, string> = {}) =>
  (response: ServerResponse): unknown =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

/** As Meta withdraws a grant, and says so of one that it has withdrawn before. */
export function metaWithdrawsOnce(): Behaviour {
  const withdrawn = new Set<unknown>();
  return (response, call) => {
    const { authorization } = call.headers;
    const answer = withdrawn.has(authorization)
      ? answers(400, { error: { code: 190, error_subcode: 458 } })
      : answers(200, { success: true });
    withdrawn.add(authorization);
    return answer(response);
  };
}

/** As Meta refuses, with what it was sent in its message. */
export const metaQuotesToken: Behaviour = (response, { headers }) =>
  answers(400, { error: { code: 1, message: headers['authorization'] } })(response);

/** Never answers. */
export const staysSilent: Behaviour = () => undefined;

/** Takes the request and ends the connection. */
export const hangsUp: Behaviour = (response) => response.socket!.destroy();

/** Ends the connection in the middle of what it has announced. */
export const breaksOff: Behaviour = (response) => {
  response.writeHead(200, { 'content-length': '100' }).write('{"success":');
  response.socket!.end();
};

/** Begins to answer, and never ends. */
export const dawdles: Behaviour = (response) => response.writeHead(200).write('{');

/** Answers without an end. */
export const floods: Behaviour = (response) => {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(' '.repeat(16_384)));
  };
  response.on('drain', more);
  more();
};

/** A platform on this machine: a real HTTP server that does as it is told, and counts. */
export class PlatformServer {
  readonly calls: PlatformCall[] = [];
  private next: Behaviour[] = [];

  private constructor(
    private readonly server: Server,
    /** For every call that nothing else was said of. */
    public usually: Behaviour,
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(usually: Behaviour = answers(200, {})): Promise<PlatformServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PlatformServer(server, usually);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/revoke`;
  }

  /** What it does with the next calls, one after the other. */
  does(...behaviours: Behaviour[]): void {
    this.next.push(...behaviours);
  }

  /** Calls that carried this token, wherever. */
  callsWith(token: string): PlatformCall[] {
    return this.calls.filter((call) => JSON.stringify(call).includes(token));
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    const { method = '', url: path = '', headers } = request;
    const call = { method, path, headers, form };
    this.calls.push(call);
    const behave = this.next.shift() ?? this.usually;
    await behave(response, call);
  }
}
