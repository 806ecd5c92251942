import { Command } from '@nestjs/cqrs';
import type { Principal } from '@app/access';
import type { ChannelRow } from '@app/domain';

/** What became of one id: the row after the flip, or why there is none. */
export type BulkOutcome = { readonly row: ChannelRow } | { readonly failure: unknown };

/**
 * Ends several channels, each for itself as {@link DisconnectChannel} does: one that can't be ended
 * holds up no other. Answers an outcome for each id, in their order.
 */
export class BulkDisconnect extends Command<readonly BulkOutcome[]> {
  constructor(
    /** As the caller sent them: malformed and repeated ones included. */
    readonly accountIds: readonly string[],
    readonly principal: Principal,
    /** Of the request; becomes the correlation id of everything that follows. */
    readonly requestId: string,
  ) {
    super();
  }
}
