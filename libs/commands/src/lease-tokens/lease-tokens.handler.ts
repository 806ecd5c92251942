import type { ICommandHandler } from '@nestjs/cqrs';
import { CommandHandler } from '@nestjs/cqrs';
import { failpoint } from '@app/config';
import type { ChannelEvent, ChannelId } from '@app/domain';
import { requirePublishable } from '@app/domain';
import { channelStream, EventStore } from '@app/event-store';
import { counter, linesOf } from '@app/observability';
import type { TakenLease } from '@app/token-vault';
import { TokenLeases, VaultError } from '@app/token-vault';
import { outcomeOf } from '../command-metrics';
import { LeaseGate } from './lease-gate';
import { LeaseTokens } from './lease-tokens.command';

const leases = counter({
  name: 'postbreeze_leases_total',
  help: 'Leases of tokens asked for: granted, refused (code: why), or failed, mostly by a store that is away.',
  labels: ['kind', 'outcome', 'code'],
  // Each of these is an alert: the first one, too.
  zeroes: (['access', 'refresh'] as const).map((kind) => ({
    kind,
    outcome: 'refused',
    code: 'TOKEN_UNREADABLE',
  })),
});

/**
 * No token is leased after `ChannelDisconnected` is committed: the lease is written down and
 * decrypted, and only then the stream is asked. A disconnect that commits after that question finds
 * the lease in its row, and it lives 5 minutes at most.
 */
@CommandHandler(LeaseTokens)
export class LeaseTokensHandler implements ICommandHandler<LeaseTokens> {
  private readonly say = linesOf(LeaseTokensHandler.name);

  constructor(
    private readonly gate: LeaseGate,
    private readonly leases: TokenLeases,
    private readonly events: EventStore,
  ) {}

  async execute(command: LeaseTokens): Promise<TakenLease> {
    const { kind: lease, channelId, credentialId, requestId } = command;
    const asked = { requestId, channelId, lease, credentialId };
    try {
      const granted = await this.grant(command);
      leases.inc({ kind: lease, outcome: 'granted', code: '' });
      const { id: leaseId, version } = granted;
      this.say('lease granted', { ...asked, leaseId, version });
      return granted;
    } catch (error) {
      leases.inc({ kind: lease, ...outcomeOf(error) });
      const { code } = error as { code?: string };
      this.say('lease refused', { ...asked, code });
      throw error;
    }
  }

  private async grant({ kind, channelId, credentialId }: LeaseTokens): Promise<TakenLease> {
    await this.gate.requireOpen();
    const taken = await this.leases.take(kind, channelId, credentialId);
    failpoint('lease:written');
    try {
      await this.requirePublishable(channelId);
    } catch (error) {
      if (!(taken instanceof VaultError)) await this.giveBack(taken, error);
      throw error;
    }
    if (taken instanceof VaultError) throw taken;
    return taken;
  }

  /** The stream's end as its leader knows it; a read model, a cache or a vault row never decides. */
  private async requirePublishable(channelId: ChannelId): Promise<void> {
    const last = await this.events.readLast(channelStream(channelId));
    requirePublishable(last?.event as ChannelEvent | undefined);
  }

  /** Tried once: what isn't given back runs out by itself. */
  private async giveBack({ id }: TakenLease, reason: unknown): Promise<void> {
    const { code = 'STORE_UNAVAILABLE' } = reason as { code?: string };
    await this.leases.end(id, code).catch(() => undefined);
  }
}
