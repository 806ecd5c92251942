import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { Workspaces } from '@app/access';
import { ulid } from 'ulid';
import { Settings } from '@app/config';
import type { ChannelId } from '@app/domain';
import type { ClaimHolder } from '@app/registry';
import { Grants, IdempotencyKeys, Registry } from '@app/registry';
import { Keyring, TokenSealer } from '@app/token-vault';
import {
  AccountAlreadyConnected,
  GrantRevoked,
  IdempotencyKeyReused,
  NoSuchWorkspace,
} from '../command-errors';
import { grantRefOf } from '../grant-ref';
import { ConnectAbandoner } from './connect-abandoner';
import type { ConnectChannel } from './connect-channel.command';

/** A claim that stands, by this request or by an earlier one with the same key. */
export interface OpenedClaim {
  readonly channelId: ChannelId;
  readonly grantRef: string;
}

/** Rolls an opening back, with its key, when another channel holds the account. */
class AccountHeld extends Error {
  constructor(readonly holder: ClaimHolder) {
    super('The account is held');
  }
}

/** How often a claim that was just freed is tried again before the caller is told. */
const maxAttempts = 3;

/** The first step of a connect: key, claim and sealed tokens, all or nothing. */
@Injectable()
export class ClaimOpener {
  constructor(
    private readonly dataSource: DataSource,
    private readonly workspaces: Workspaces,
    private readonly registry: Registry,
    private readonly grants: Grants,
    private readonly keys: IdempotencyKeys,
    private readonly keyring: Keyring,
    private readonly sealer: TokenSealer,
    private readonly abandoner: ConnectAbandoner,
    private readonly settings: Settings,
  ) {}

  /**
   * @throws NoSuchWorkspace, AccountAlreadyConnected, GrantRevoked, IdempotencyKeyReused
   */
  async open(command: ConnectChannel): Promise<OpenedClaim> {
    const { platform, grantSubject } = command.account;
    const grantRef = grantRefOf(this.keyring, platform, grantSubject);
    for (let attempt = 1; ; attempt++) {
      try {
        const channelId = await this.dataSource.transaction((manager) =>
          this.openWithin(manager, command, grantRef),
        );
        return { channelId, grantRef };
      } catch (error) {
        if (!(error instanceof AccountHeld)) throw error;
        if (attempt === maxAttempts) throw new AccountAlreadyConnected(error.holder.channelId);
        await this.freeClaim(error.holder, command);
      }
    }
  }

  private async openWithin(
    manager: EntityManager,
    { account, idempotency }: ConnectChannel,
    grantRef: string,
  ): Promise<ChannelId> {
    const bodyFingerprint = this.keyring.fingerprint('request', JSON.stringify(account));
    const key = { ...idempotency, bodyFingerprint };
    const reserved = await this.keys.reserve(manager, key, `soc_${ulid()}`);
    if (reserved.bodyFingerprint !== bodyFingerprint) throw new IdempotencyKeyReused();
    const { channelId } = reserved;
    if (!reserved.fresh) return channelId;

    const { workspaceId, platform, externalId } = account;
    if (!(await this.workspaces.exists(workspaceId, manager))) throw new NoSuchWorkspace();
    if (await this.grants.isRevokedSince(manager, grantRef, account.grantedAt)) {
      throw new GrantRevoked();
    }
    const claim = { channelId, workspaceId, platform, externalId, grantRef };
    const holder = await this.registry.claim(manager, claim);
    if (holder) throw new AccountHeld(holder);
    const { tokens, tokenExpiresAt } = account;
    await this.sealer.seal(manager, { channelId, workspaceId }, tokens, tokenExpiresAt);
    await this.abandoner.schedule(manager, channelId);
    return channelId;
  }

  /** Frees the claim of a channel that has ended, or of a connect that never finished. */
  private async freeClaim(holder: ClaimHolder, command: ConnectChannel): Promise<void> {
    if (holder.hasEnded) {
      // A writer inside the fence may hold the row: rather 503 than a request that hangs.
      await this.dataSource.transaction((manager) =>
        this.registry.endInTime(manager, holder.channelId),
      );
      return;
    }
    const { channelId, state, ageMs } = holder;
    const isOverdue = state === 'opening' && ageMs > this.settings.connectAbandonAfterMs;
    if (!isOverdue || !(await this.abandoner.abandon(channelId, command.requestId))) {
      throw new AccountAlreadyConnected(channelId);
    }
  }
}
