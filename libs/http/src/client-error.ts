import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { linesOf } from '@app/observability';
import { HttpProblem } from './http-problem';
import { newRequestId } from './request-id';

const say = linesOf('http');

/** What Node's parser refuses, by the code of its error; anything else is no HTTP: 400. */
const refusals: Readonly<Record<string, HttpProblem>> = {
  HPE_HEADER_OVERFLOW: new HttpProblem(431, 'HEADERS_TOO_LARGE', 'The headers are too large'),
  ERR_HTTP_REQUEST_TIMEOUT: new HttpProblem(408, 'REQUEST_TIMEOUT', 'The request came too slowly'),
};
const noHttp = new HttpProblem(400, 'BAD_REQUEST', 'This is no well-formed HTTP request');

/** Answers what never became a request, in the one shape; the connection ends with it. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // Nobody is there to be answered.
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { statusCode, code, message } = refusals[error.code ?? ''] ?? noHttp;
  const requestId = newRequestId();
  say('no well-formed request', { requestId, code: error.code });
  const body = JSON.stringify({ statusCode, code, message, requestId });
  socket.end(
    [
      `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
