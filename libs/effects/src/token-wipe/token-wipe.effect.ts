import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Settings } from '@app/config';
import type { ChannelId, WipeEvidence, WorkspaceId } from '@app/domain';
import { TokenVault } from '@app/token-vault';
import type { Effect, EffectStep, EffectTarget } from '../effect';
import { RevocationRequest } from '../grant-revocation/revocation-request';

/** Both are done by a job that comes every few minutes. */
const tendingHours = 1;

/**
 * Forgets the stored login tokens. The data key is destroyed in the transaction that says so, and
 * the tombstone stays: a refresh that comes late can't bring a token back.
 */
@Injectable()
export class TokenWipe implements Effect {
  readonly name = 'token-wipe';

  constructor(
    private readonly vault: TokenVault,
    private readonly revocation: RevocationRequest,
    private readonly settings: Settings,
  ) {}

  async step(manager: EntityManager, target: EffectTarget): Promise<EffectStep> {
    const { channelId, revokedOn } = target;
    const workspaceId = target.workspaceId ?? (await claimant(manager, channelId));
    // Before the tokens are gone; the one that the revocation needs is sealed anew in here.
    const keptUntil =
      revokedOn && (await this.revocation.make(manager, { channelId, workspaceId }, revokedOn));
    const { tokens } = await this.vault.wipe(manager, { channelId, workspaceId });
    const evidence = await this.evidence(manager, keptUntil ?? null);
    return { counts: { tokens }, more: false, evidence };
  }

  /**
   * Every key-encryption key that ever wrapped the data key was made before the wipe: it is retired
   * a rotation later at the latest, and destroyed its time after that. With it, every backup that
   * holds the row is as good as wiped.
   */
  private async evidence(
    manager: EntityManager,
    revocationCopyUntil: string | null,
  ): Promise<WipeEvidence> {
    const { kekRotationHours, kekDestroyAfterHours } = this.settings;
    const [row]: { until: Date }[] = await manager.query(
      `SELECT clock_timestamp() + $1 * interval '1 hour' AS until`,
      [kekRotationHours + kekDestroyAfterHours + tendingHours],
    );
    return { revocationCopyUntil, backupsOpenUntil: row!.until.toISOString() };
  }
}

/** The workspace of a connect that was given up: its claim was written together with its tokens. */
async function claimant(manager: EntityManager, channelId: ChannelId): Promise<WorkspaceId> {
  const claims: { workspace_id: WorkspaceId }[] = await manager.query(
    'SELECT workspace_id FROM registry.channels WHERE id = $1',
    [channelId],
  );
  if (!claims[0]) throw new Error(`${channelId} was abandoned without ever being claimed`);
  return claims[0].workspace_id;
}
