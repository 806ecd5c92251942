import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came in. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the root of a trace. */
  readonly parentSpanId?: string;
  /** Of which process: `postbreeze-api`. */
  readonly service: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2 for one that failed. */
  readonly status: { readonly code?: number; readonly message?: string };
}

/** As OTLP/HTTP writes it in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'attributes' | 'service'> & {
        readonly attributes: readonly KeyValue[];
      })[];
    }[];
  }[];
}
interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A collector on this machine: a real HTTP server that keeps what is sent to it. */
export class OtlpCollector {
  /** The bodies as they came. */
  readonly bodies: string[] = [];
  /** How many exports have come, answered or not. */
  exports = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param answer takes the spans unless it says otherwise */
  static async start(
    answer: (response: ServerResponse) => void = (response) => response.end('{}'),
  ): Promise<OtlpCollector> {
    const server = createServer((request, response) => {
      collector.exports++;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        collector.bodies.push(Buffer.concat(chunks).toString());
        response.setHeader('content-type', 'application/json');
        answer(response);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const collector = new OtlpCollector(server, `http://127.0.0.1:${port}`);
    return collector;
  }

  spans(): CollectedSpan[] {
    const exported = this.bodies.map((body) => JSON.parse(body) as Export);
    return exported
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) =>
          spans.map((span) => ({
            ...span,
            service: String(valuesOf(resource.attributes)['service.name']),
            attributes: valuesOf(span.attributes),
          })),
        ),
      );
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

function valuesOf(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
