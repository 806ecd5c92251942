import type { BulkOutcome } from '@app/commands';
import { linesOf } from '@app/observability';
import { isId } from '@app/domain';
import { describeFailure } from '@app/http';
import type { BulkResultDto, BulkResultsDto } from './dto/bulk-disconnect.dto';

const say = linesOf('http');

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
    const { statusCode, code } = error;
    // Whatever else a caller has sent for an id is a part of the body, and none of the log's business.
    const channelId = isId('channel', accountId) ? accountId : undefined;
    say('command refused', { requestId, channelId, statusCode, code });
    return { accountId, status: error.statusCode, error };
  });
  const [first] = outcomes;
  if (first && 'failure' in first && results.every(({ status }) => status === 503)) {
    throw first.failure;
  }
  return { results };
}
