import { ForbiddenException, ImATeapotException, NotFoundException } from '@nestjs/common';
import { HttpProblem } from './http-problem';
import { toHttpProblem } from './to-http-problem';

/** A refusal of a room behind HTTP: an error with a code. */
function refusal(code: string, extras?: Record<string, unknown>): Error {
  return Object.assign(new Error('Why not'), { code, extras });
}

/** A failure of a library: an error with whatever it says of itself. */
function failure(message: string, fields: object = {}): Error {
  return Object.assign(new Error(message), fields);
}

function answerTo(error: unknown) {
  const problem = toHttpProblem(error);
  return problem && { statusCode: problem.statusCode, code: problem.code };
}

describe('a refusal', () => {
  it.each([
    ['CHANNEL_NOT_FOUND', 404],
    ['NOT_DISCONNECTED', 404],
    ['ROLE_TOO_LOW', 403],
    ['WORKSPACE_OUT_OF_REACH', 403],
    ['ACCOUNT_ALREADY_CONNECTED', 409],
    ['ALREADY_DISCONNECTED', 409],
    ['IDEMPOTENCY_KEY_REUSED', 422],
    ['CHANNEL_DISCONNECTED', 409],
    ['META_TOO_LARGE', 422],
    ['META_TOO_DEEP', 422],
    ['META_HOLDS_CREDENTIAL', 422],
    ['META_NOT_TEXT', 422],
    ['BAD_CURSOR', 400],
    ['MALFORMED_ID', 400],
    ['STORE_UNAVAILABLE', 503],
  ])('with %s is answered %i, in its own words', (code, statusCode) => {
    expect(toHttpProblem(refusal(code))).toMatchObject({ statusCode, code, message: 'Why not' });
  });

  it('keeps what it says beside', () => {
    const problem = toHttpProblem(refusal('ACCOUNT_ALREADY_CONNECTED', { accountId: 'soc_1' }));
    expect(problem?.extras).toEqual({ accountId: 'soc_1' });
  });

  it('is answered as it is when it is an answer already', () => {
    const problem = new HttpProblem(418, 'TEAPOT', 'short and stout');
    expect(toHttpProblem(problem)).toBe(problem);
  });
});

describe('a failure of a store', () => {
  it.each([
    ['PostgreSQL refuses connections', failure('', { code: 'ECONNREFUSED' })],
    ['PostgreSQL is shutting down', failure('', { code: '57P01' })],
    ['PostgreSQL is starting', failure('', { code: '57P03' })],
    ['PostgreSQL has too many clients', failure('', { code: '53300' })],
    ['a row is locked for too long', failure('', { code: '55P03' })],
    ['a statement takes too long', failure('', { code: '57014' })],
    ['a statement is never answered', failure('Query read timeout')],
    ['its name is not found', failure('', { code: 'ENOTFOUND' })],
    ['the pool has no connection', failure('timeout exceeded when trying to connect')],
    ['the connection broke', failure('Connection terminated unexpectedly')],
    ['the event store is away', failure('', { name: 'EventStoreUnavailable' })],
    ['the event store is another one', failure('', { name: 'UnknownHistory' })],
  ])('is answered 503 when %s', (_, error) => {
    expect(answerTo(error)).toEqual({ statusCode: 503, code: 'STORE_UNAVAILABLE' });
  });

  it('says that it may be done already, when it may', () => {
    const error = { name: 'EventStoreUnavailable', mayHaveAppended: true };
    expect(toHttpProblem(failure('', error))?.message).toMatch(/may be done already.*safe/);
    expect(toHttpProblem(failure('', { ...error, mayHaveAppended: false }))?.message).not.toMatch(
      /may be done/,
    );
  });

  it('says so too when the second store went away after the append to the first', () => {
    const cause = failure('', { code: '57P01' });
    const problem = toHttpProblem(failure('', { name: 'MayBeDone', mayHaveAppended: true, cause }));
    expect(problem).toMatchObject({ statusCode: 503, code: 'STORE_UNAVAILABLE' });
    expect(problem?.message).toMatch(/may be done already.*safe/);
  });

  it('shows nothing of the statement', () => {
    const error = failure('SELECT secret FROM vault', { code: '57P01' });
    expect(toHttpProblem(error)?.message).not.toContain('secret');
  });
});

describe('a failure of the framework', () => {
  it.each([
    [new NotFoundException(), 404, 'NOT_FOUND'],
    [new ForbiddenException(), 403, 'FORBIDDEN'],
    [failure('Body is too large', { statusCode: 413 }), 413, 'BODY_TOO_LARGE'],
    [failure('Unsupported', { statusCode: 415 }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [failure('Malformed', { statusCode: 400, code: 'FST_ERR_BAD_URL' }), 400, 'BAD_REQUEST'],
  ])('%s is answered %i %s', (error, statusCode, code) => {
    expect(answerTo(error)).toEqual({ statusCode, code });
  });

  it('is told in our words: its own may quote what was sent', () => {
    const error = failure(`Unexpected token 'h', "hush" is not valid JSON`, { statusCode: 400 });
    expect(toHttpProblem(error)?.message).toBe('The request is malformed');
  });
});

describe('what nobody foresaw', () => {
  it.each([
    ['an error', new Error('boom')],
    ['a status that no code stands for', new ImATeapotException()],
    ['a failure of ours', failure('boom', { statusCode: 500 })],
    ['a broken constraint', failure('duplicate key', { code: '23505' })],
    ['a code that is no refusal', refusal('CONNECT_ABANDONED')],
    ['a code that every object has', refusal('constructor')],
    [
      'a second step that failed for no store',
      failure('', { name: 'MayBeDone', cause: new Error() }),
    ],
    ['a text', 'boom'],
    ['nothing', undefined],
    ['null', null],
  ])('has no answer of its own: %s', (_, error) => {
    expect(toHttpProblem(error)).toBeUndefined();
  });
});
