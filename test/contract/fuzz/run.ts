import * as fc from 'fast-check';
import { Agent, request } from 'node:http';
import type { Documented } from './documented';
import type { DrawnRequest, Pools } from './draw';
import { requestsOf } from './draw';

/** Requests under way at the same time. */
const atOnce = 16;
/** What is drawn as long as a status is unseen: an answer that comes twice in a run is missing from one in eight. */
const more = { requests: 1_000, times: 10 };

/** What came of a run, to be compared with what should have. */
export interface FuzzReport {
  /** Requests whose answer the document doesn't describe, or that is our fault, by what is wrong. */
  readonly surprises: readonly string[];
  /** Statuses that the document names and nothing has answered, but for those that need not: `operationId status`. */
  readonly unseen: readonly string[];
}

/**
 * Sends so many requests at least, drawn from the document, and holds each answer to the document.
 *
 * `FUZZ_SEED` draws the requests of an earlier run again.
 *
 * @param options.neverSeen statuses that no request of a healthy service brings about
 */
export async function fuzz(
  url: string,
  documented: Documented,
  pools: Pools,
  { requests, neverSeen }: { readonly requests: number; readonly neverSeen: readonly string[] },
): Promise<FuzzReport> {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const surprises: string[] = [];
  const seen = new Set<string>();

  const named = documented.operations.flatMap(({ operationId, responses }) =>
    Object.keys(responses)
      .filter((status) => !neverSeen.includes(status))
      .map((status) => `${operationId} ${status}`),
  );
  const unseen = () => named.filter((status) => !seen.has(status));

  const send = async (drawn: Iterable<DrawnRequest>): Promise<void> => {
    for (const one of drawn) {
      const answer = await call(agent, url, one);
      const { operation, path, headers, body } = one;
      seen.add(`${operation.operationId} ${answer.status}`);
      const wrong = surpriseAt(documented, one, answer);
      if (wrong !== undefined) {
        const sent = JSON.stringify({ headers, body: body?.slice(0, 500) });
        surprises.push(`FUZZ_SEED=${seed}: ${operation.method} ${path} ${sent}: ${wrong}`);
      }
    }
  };
  const round = async (number: number, numRuns: number): Promise<void> => {
    const options = { numRuns, seed: seed + number };
    const drawn = fc.sample(requestsOf(documented, pools), options).values();
    await Promise.all(Array.from({ length: atOnce }, () => send(drawn)));
  };
  await round(0, requests);
  for (let number = 1; unseen().length > 0 && number <= more.times; number++)
    await round(number, more.requests);
  agent.destroy();
  return { surprises, unseen: unseen() };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

function surpriseAt(
  documented: Documented,
  request: DrawnRequest,
  answer: Answer,
): string | undefined {
  const { status, body } = answer;
  if (status >= 500) return `${status} ${JSON.stringify(body)}`;
  const forbidden = status < 300 ? documented.forbidden(request.operation, request) : undefined;
  if (forbidden !== undefined) return `${status} in spite of ${forbidden}`;
  return documented.surprise(request.operation, answer);
}

function call(agent: Agent, url: string, { operation, path, headers, body }: DrawnRequest) {
  return new Promise<Answer>((resolve, reject) => {
    const options = {
      method: operation.method,
      agent,
      // Node itself sends the length with some methods only, and a DELETE may have a body.
      headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') },
    };
    const sent = request(url + path, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        try {
          const parsed = JSON.parse(text) as unknown;
          resolve({ status: response.statusCode!, headers: response.headers, body: parsed });
        } catch {
          resolve({ status: response.statusCode!, headers: response.headers, body: text });
        }
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
