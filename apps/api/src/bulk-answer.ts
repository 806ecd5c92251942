import type { BulkOutcome } from '@app/commands';
import { describeFailure } from '@app/http';
import type { BulkResultDto, BulkResultsDto } from './dto/bulk-disconnect.dto';

/**
 * The answer to a bulk disconnect: what became of each id, in their order. A store that went away
 * on the way is told beside what was done before.
 *
 * @throws the first failure when every id met a store that is away, so that the whole is a 503
 */
export function bulkAnswer(
  accountIds: readonly string[],
  outcomes: readonly BulkOutcome[],
  requestId: string,
): BulkResultsDto {
  const results = outcomes.map((outcome, index): BulkResultDto => {
    const accountId = accountIds[index]!;
    if ('row' in outcome) return { accountId, status: 200, row: outcome.row };
    const error = describeFailure(outcome.failure, requestId);
    return { accountId, status: error.statusCode, error };
  });
  const [first] = outcomes;
  if (first && 'failure' in first && results.every(({ status }) => status === 503)) {
    throw first.failure;
  }
  return { results };
}
