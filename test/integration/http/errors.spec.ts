import { once } from 'node:events';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import type { ProblemBody } from '@app/http';
import type { RoleProcess } from '@app/testing';
import { aChannelId, membersOf, useTestBed, waitFor } from '@app/testing';
import type { CallOptions } from './role-in-process';
import { call } from './role-in-process';

const accounts = '/api/v1/social-accounts';
const account = `${accounts}/${aChannelId()}`;
const bulk = `${accounts}/bulk-disconnect`;
/** Which every object has: a class made of the body would lose it in silence. */
const inheritedField = JSON.stringify({ accountIds: [aChannelId()], toString: 1 });
const requestIdForm = /^req_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

describe('Whatever goes wrong', () => {
  const bed = useTestBed({ patient: true });
  let api: RoleProcess;
  let secret: string;

  beforeAll(async () => {
    ({ key: secret } = await (await membersOf(bed)).admit());
    api = await bed.startRole('api', await bed.environment());
  });

  /** A body of so many bytes. */
  const bodyOf = (bytes: number): string => {
    const empty = JSON.stringify({ accountIds: [''] });
    return JSON.stringify({ accountIds: ['x'.repeat(bytes - empty.length)] });
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const text = { 'content-type': 'text/plain' };

  it.each<[string, string, string, CallOptions, number, string]>([
    ['a malformed URL', 'GET', '/%zz', {}, 400, 'BAD_REQUEST'],
    ['a malformed parameter', 'GET', `${accounts}/%zz`, {}, 400, 'BAD_REQUEST'],
    ['an unknown path', 'GET', '/nothing', {}, 404, 'NOT_FOUND'],
    ['an unknown path with a bad body', 'POST', '/nothing', { body: '{' }, 404, 'NOT_FOUND'],
    ['an empty id', 'GET', `${accounts}/`, {}, 404, 'NOT_FOUND'],
    ['a path of the other API', 'POST', '/internal/v1/channels', { body: '{}' }, 404, 'NOT_FOUND'],
    ['a malformed id', 'GET', `${accounts}/soc_1`, {}, 400, 'MALFORMED_ID'],
    ['an unknown query field', 'GET', `${accounts}?x=1`, {}, 400, 'VALIDATION_FAILED'],
    ['a query where none is asked for', 'GET', `${account}?x=1`, {}, 400, 'VALIDATION_FAILED'],
    ['a query on DELETE', 'DELETE', `${account}?x=1`, {}, 400, 'VALIDATION_FAILED'],
    ['a body on DELETE', 'DELETE', account, { body: '{"x":1}' }, 400, 'VALIDATION_FAILED'],
    ['a GET of what only takes POST', 'GET', bulk, {}, 405, 'METHOD_NOT_ALLOWED'],
    ['a DELETE of what only takes POST', 'DELETE', bulk, {}, 405, 'METHOD_NOT_ALLOWED'],
    ['a repeated query field', 'GET', `${accounts}?limit=1&limit=2`, {}, 400, 'VALIDATION_FAILED'],
    ['an unknown field', 'POST', bulk, { body: '{"x":1}' }, 400, 'VALIDATION_FAILED'],
    ['an inherited field', 'POST', bulk, { body: inheritedField }, 400, 'VALIDATION_FAILED'],
    ['an inherited query', 'GET', `${accounts}?valueOf=1`, {}, 400, 'VALIDATION_FAILED'],
    ['no body', 'POST', bulk, {}, 400, 'VALIDATION_FAILED'],
    ['an empty body', 'POST', bulk, { body: '' }, 400, 'VALIDATION_FAILED'],
    ['malformed JSON', 'POST', bulk, { body: '{"hush' }, 400, 'BAD_REQUEST'],
    ['an array', 'POST', bulk, { body: '[]' }, 400, 'BAD_REQUEST'],
    ['a number', 'POST', bulk, { body: '1' }, 400, 'BAD_REQUEST'],
    ['null', 'POST', bulk, { body: 'null' }, 400, 'BAD_REQUEST'],
    ['a prototype', 'POST', bulk, { body: '{"__proto__":{"x":1}}' }, 400, 'BAD_REQUEST'],
    ['a form', 'POST', bulk, { body: 'x=1', headers: form }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a text', 'POST', bulk, { body: '{}', headers: text }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['64 KiB', 'POST', bulk, { body: bodyOf(64 * 1024) }, 200, ''],
    ['64 KiB and a byte', 'POST', bulk, { body: bodyOf(64 * 1024 + 1) }, 413, 'BODY_TOO_LARGE'],
    ['a wrong method', 'PATCH', accounts, {}, 405, 'METHOD_NOT_ALLOWED'],
    [
      'a wrong method with a body',
      'PUT',
      bulk,
      { body: '{', headers: text },
      405,
      'METHOD_NOT_ALLOWED',
    ],
  ])('%s is answered in the one shape', async (_, method, path, options, status, code) => {
    const answer = await call(api.url + path, method, { secret, ...options });
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expectShape(answer, status, code);
    expect(answer.text).not.toContain('hush');
  });

  function expectShape(
    { headers, text: body }: { headers: Headers; text: string },
    status: number,
    code: string,
  ): void {
    const problem = JSON.parse(body) as ProblemBody & { problems?: string[] };
    const { statusCode, message, requestId, ...others } = problem;
    expect([statusCode, others.code]).toEqual([status, code]);
    expect(message).toEqual(expect.stringMatching(/\S/));
    expect(requestId).toMatch(requestIdForm);
    expect(headers.get('x-request-id')).toBe(requestId);
    expect(headers.get('content-type')).toContain('application/json');
    expect(Object.keys(others).sort()).toEqual(others.problems ? ['code', 'problems'] : ['code']);
    // No stack, and no word of an engine or a library.
    expect(body).not.toMatch(/\bat .*:\d+|node_modules|Error:|FST_|Cannot [A-Z]+ /);
  }

  it.each([
    ['PATCH', accounts, 'GET, HEAD'],
    ['OPTIONS', accounts, 'GET, HEAD'],
    ['POST', `${accounts}/${aChannelId()}`, 'DELETE, GET, HEAD'],
    ['DELETE', `${accounts}/${aChannelId()}/disconnection`, 'GET, HEAD'],
    ['PUT', bulk, 'POST'],
    ['GET', bulk, 'POST'],
    ['DELETE', bulk, 'POST'],
    ['POST', '/health/live', 'GET, HEAD'],
  ])('%s %s is answered 405, and told what to use instead', async (method, path, allow) => {
    const answer = await call(api.url + path, method);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  });

  it('HEAD is answered as GET, without the body', async () => {
    const { status, headers, text: body } = await call(api.url + accounts, 'HEAD', { secret });
    expect([status, body]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0);
  });

  it('a DELETE with a JSON content type and no body is none of it', async () => {
    const headers = { 'content-type': 'application/json' };
    const path = `${api.url}${accounts}/${aChannelId()}`;
    const answer = await call(path, 'DELETE', { secret, headers });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'BAD_REQUEST'],
    ['an unknown method', 'HELLO / HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('also what never became a request: %s', async (_, sent, status, code) => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(sent);
    const [head, body] = (await textOf(socket)).split('\r\n\r\n') as [string, string];
    const [statusLine, ...lines] = head.split('\r\n');
    expect(statusLine).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const headers = new Headers(lines.map((line) => line.split(': ') as [string, string]));
    expectShape({ headers, text: body }, status, code);
    await expectLogged((JSON.parse(body) as ProblemBody).requestId);
  });

  it.each([
    ['answered', accounts],
    ['refused by a pipe', `${accounts}/soc_1`],
    ['unknown', `${accounts}/${aChannelId()}`],
    ['without a route', '/nothing'],
    ['malformed', '/%zz'],
  ])('is found in the log by its id: a request that was %s', async (_, path) => {
    const { headers } = await call(api.url + path, 'GET', { secret });
    await expectLogged(headers.get('x-request-id')!);
  });

  it('is told by one line: what was asked for, without its query, and how it was answered', async () => {
    const { headers } = await call(`${api.url}${accounts}?limit=1&cursor=hush`, 'GET', { secret });
    const requestId = headers.get('x-request-id')!;
    await expectLogged(requestId);
    const lines = api.output().split('\n');
    const [line, ...more] = lines.filter((text) => text.includes(requestId));
    expect(more).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({
      ...{ level: 'info', role: 'api', msg: 'request answered', requestId },
      ...{ method: 'GET', path: accounts, statusCode: 400, code: 'BAD_CURSOR' },
      durationMs: expect.any(Number) as number,
    });
    expect(line).not.toContain('hush');
  });

  it('leaves no key in the log', () => {
    expect(api.output()).not.toContain(secret);
  });

  async function expectLogged(requestId: string): Promise<void> {
    expect(requestId).toMatch(requestIdForm);
    const isSaid = (line: string): boolean => line.includes(requestId);
    // Whole: what comes behind the last line break isn't yet.
    await waitFor(() => api.output().split('\n').slice(0, -1).some(isSaid), {
      what: `a line with ${requestId}`,
    });
  }
});
