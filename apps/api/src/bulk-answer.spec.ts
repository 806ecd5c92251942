import { Logger } from '@nestjs/common';
import type { BulkOutcome } from '@app/commands';
import { rowOf } from '@app/domain';
import { connected } from '@app/testing';
import { bulkAnswer } from './bulk-answer';

const row = rowOf(connected().data);
const refused = Object.assign(new Error('There is no such'), { code: 'CHANNEL_NOT_FOUND' });
const away = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const requestId = 'req_1';

function answerTo(...outcomes: BulkOutcome[]) {
  return bulkAnswer(
    outcomes.map((_, index) => `id ${index}`),
    outcomes,
    requestId,
  );
}

describe('the answer to a bulk disconnect', () => {
  // What it logs is told to nobody here.
  beforeAll(() => void Logger.overrideLogger(false));

  it('has a result for each id, in their order, in the shape of every failure', () => {
    expect(answerTo({ failure: refused }, { row })).toEqual({
      results: [
        {
          accountId: 'id 0',
          status: 404,
          error: {
            statusCode: 404,
            code: 'CHANNEL_NOT_FOUND',
            message: 'There is no such',
            requestId,
          },
        },
        { accountId: 'id 1', status: 200, row },
      ],
    });
  });

  it.each([
    ['was done', { row }],
    ['was refused', { failure: refused }],
  ])('tells a store that is away beside what %s', (_, other) => {
    const { results } = answerTo({ failure: away }, other, { failure: away });
    expect(results.map(({ status }) => status)).toEqual([503, 'row' in other ? 200 : 404, 503]);
  });

  it('is no answer when every id met a store that is away', () => {
    expect(() => answerTo({ failure: away }, { failure: away })).toThrow(away);
  });

  it('keeps a failure of ours to its id, and without detail', () => {
    const { results } = answerTo({ failure: new Error('secret') });
    expect(results).toMatchObject([{ status: 500, error: { code: 'INTERNAL_ERROR' } }]);
    expect(JSON.stringify(results)).not.toContain('secret');
  });
});
