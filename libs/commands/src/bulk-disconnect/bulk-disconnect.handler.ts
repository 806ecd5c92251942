import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandBus, CommandHandler } from '@nestjs/cqrs';
import { Settings } from '@app/config';
import { isId } from '@app/domain';
import { CommandError, MalformedAccountId, NotBegun } from '../command-errors';
import { DisconnectChannel } from '../disconnect-channel/disconnect-channel.command';
import type { BulkOutcome } from './bulk-disconnect.command';
import { BulkDisconnect } from './bulk-disconnect.command';
import { forEachAtMost } from './for-each-at-most';

/** Channels of one request that are ended at the same time: others need the stores as well. */
const concurrency = 5;

@CommandHandler(BulkDisconnect)
export class BulkDisconnectHandler implements ICommandHandler<BulkDisconnect> {
  constructor(
    private readonly commands: CommandBus,
    private readonly settings: Settings,
  ) {}

  async execute({ accountIds, principal, requestId }: BulkDisconnect): Promise<BulkOutcome[]> {
    const deadline = Date.now() + this.settings.storeTimeoutMs;
    let broken = false;
    const outcomes = new Map<string, BulkOutcome>();

    // A repeated id is ended once, and gets the same outcome wherever it stands.
    await forEachAtMost(concurrency, new Set(accountIds), async (id) => {
      // With a store that hangs, each further channel would cost the caller one more timeout.
      const hopeless = broken && Date.now() > deadline;
      const outcome = hopeless
        ? { failure: new NotBegun() }
        : await this.end(new DisconnectChannel(id, principal, requestId));
      broken ||= 'failure' in outcome && !(outcome.failure instanceof CommandError);
      outcomes.set(id, outcome);
    });
    return accountIds.map((id) => outcomes.get(id)!);
  }

  private async end(command: DisconnectChannel): Promise<BulkOutcome> {
    if (!isId('channel', command.channelId)) return { failure: new MalformedAccountId() };
    try {
      return { row: await this.commands.execute(command) };
    } catch (failure) {
      return { failure };
    }
  }
}
