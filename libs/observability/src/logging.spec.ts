import { Writable } from 'node:stream';
import { pinoHttp } from 'pino-http';
import { QueryFailedError } from 'typeorm';
import { logOptions } from './logging.module';

describe('An error in the log', () => {
  const lines: string[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const { logger } = pinoHttp(logOptions({ role: 'api', logLevel: 'info' }), output);

  it('has its type, its message and its causes, and nothing of a statement', () => {
    const cause = new QueryFailedError(
      'SELECT secret-sql',
      ['secret-parameter'],
      new Error('gone'),
    );
    logger.error({ err: new TypeError('it broke', { cause }) }, 'the request failed');

    const line = lines.pop()!;
    const { err, level, role } = JSON.parse(line) as {
      err: { type: string; message: string; cause: object };
      level: string;
      role: string;
    };
    expect([level, role, err.type, err.message]).toEqual(['error', 'api', 'TypeError', 'it broke']);
    expect(err.cause).toMatchObject({ type: 'QueryFailedError', message: 'gone' });
    expect(line).not.toContain('secret');
  });
});
