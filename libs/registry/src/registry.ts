import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId, Platform, WorkspaceId } from '@app/domain';

/** An account that a channel wants to hold: one channel at a time, until that one has ended. */
export interface Claim {
  readonly channelId: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly platform: Platform;
  readonly externalId: string;
  /** HMAC of who granted access on the platform. */
  readonly grantRef: string;
}

/** The channel that holds an account already. */
export interface ClaimHolder {
  readonly channelId: ChannelId;
  readonly state: 'opening' | 'live';
  /** An ending is written down, so the claim can be freed. */
  readonly hasEnded: boolean;
  /** Milliseconds since it was opened, on database time. */
  readonly ageMs: number;
}

/** Milliseconds that a row is waited for on somebody's behalf who has more to do than this. */
const patienceMs = 1_000;

export type EndingKind = 'disconnected' | 'abandoned';

/**
 * Which account is held by which channel, and which channels have ended. Commands keep it in the
 * request; the registrar repairs it from the streams. A read model never decides.
 */
@Injectable()
export class Registry {
  /**
   * Claims an account as `opening`. A rival that is still inside its transaction is waited for.
   *
   * @returns undefined when the claim is made, else who holds the account
   */
  async claim(manager: EntityManager, claim: Claim): Promise<ClaimHolder | undefined> {
    const made: unknown[] = await manager.query(
      `INSERT INTO registry.channels (workspace_id, platform, external_id, id, grant_ref, state)
       VALUES ($1, $2, $3, $4, $5, 'opening')
       ON CONFLICT (workspace_id, platform, external_id) WHERE state <> 'ended' DO NOTHING
       RETURNING id`,
      [...accountOf(claim), claim.channelId, claim.grantRef],
    );
    if (made.length > 0) return undefined;
    // Nobody: the holder's claim was freed between the two statements.
    return (await this.holderOf(manager, claim)) ?? this.claim(manager, claim);
  }

  private async holderOf(manager: EntityManager, claim: Claim): Promise<ClaimHolder | undefined> {
    const holders: ClaimHolder[] = await manager.query(
      `SELECT channel.id AS "channelId", channel.state,
              ending.channel_id IS NOT NULL AS "hasEnded",
              extract(epoch FROM clock_timestamp() - channel.opened_at)::float * 1000 AS "ageMs"
         FROM registry.channels channel
         LEFT JOIN registry.endings ending ON ending.channel_id = channel.id
        WHERE workspace_id = $1 AND platform = $2 AND external_id = $3 AND state <> 'ended'`,
      accountOf(claim),
    );
    return holders[0];
  }

  /** Whose workspace the claim was made for, ended or not; undefined when there never was one. */
  async claimantOf(manager: EntityManager, channelId: ChannelId): Promise<WorkspaceId | undefined> {
    const claims: { workspaceId: WorkspaceId }[] = await manager.query(
      'SELECT workspace_id AS "workspaceId" FROM registry.channels WHERE id = $1',
      [channelId],
    );
    return claims[0]?.workspaceId;
  }

  /**
   * Whether nobody knows yet that the channel was connected, or it was given up: `live` is set once its
   * first event stands in its stream, by the connect, the registrar or whoever wanted to give it up.
   */
  async isUnfinished(manager: EntityManager, channelId: ChannelId): Promise<boolean> {
    const claims: unknown[] = await manager.query(
      `SELECT id FROM registry.channels
         LEFT JOIN registry.endings ending ON ending.channel_id = id
        WHERE id = $1
          AND (state = 'opening' AND ending.kind IS NULL OR ending.kind = 'abandoned')`,
      [channelId],
    );
    return claims.length > 0;
  }

  /**
   * Brings back a claim that the channel's stream tells of; one that is there stays as it is. The channel
   * that still holds the account, although its ending is written down, is ended for that.
   *
   * @returns undefined when the claim is there, else who holds the account and has not ended
   * @throws the lock's timeout when a writer of the holder stays inside the fence: nothing is brought back
   */
  async restore(manager: EntityManager, claim: Claim): Promise<ClaimHolder | undefined> {
    await manager.query(
      `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
       VALUES ($1, $2, $3, $4, $5, 'opening') ON CONFLICT DO NOTHING`,
      [claim.channelId, claim.workspaceId, claim.platform, claim.externalId, claim.grantRef],
    );
    if ((await this.claimantOf(manager, claim.channelId)) !== undefined) return undefined;
    const holder = await this.holderOf(manager, claim);
    if (holder && !holder.hasEnded) return holder;
    if (holder) await this.endInTime(manager, holder.channelId);
    return this.restore(manager, claim);
  }

  /** The channel's first event is in its stream: its claim is not up for abandoning any more. */
  async goLive(manager: EntityManager, channelId: ChannelId): Promise<void> {
    await manager.query(
      `UPDATE registry.channels SET state = 'live' WHERE id = $1 AND state = 'opening'`,
      [channelId],
    );
  }

  /**
   * The channel is on the grant of its latest reauthorization from now on: which other channels a
   * withdrawn grant ends is asked here. A late repeat of an earlier one changes nothing.
   *
   * @param since of the reauthorization, ISO 8601
   */
  async regrant(
    manager: EntityManager,
    channelId: ChannelId,
    grantRef: string,
    since: string,
  ): Promise<void> {
    await manager.query(
      `UPDATE registry.channels SET grant_ref = $2, grant_since = $3
        WHERE id = $1 AND grant_since < $3`,
      [channelId, grantRef, since],
    );
  }

  /** Writes down that a channel has ended, once; from then on no read shows it as connected. */
  async recordEnding(
    manager: EntityManager,
    channelId: ChannelId,
    kind: EndingKind,
    endedAt: string,
  ): Promise<void> {
    await manager.query(
      `INSERT INTO registry.endings (channel_id, kind, ended_at) VALUES ($1, $2, $3)
       ON CONFLICT (channel_id) DO NOTHING`,
      [channelId, kind, endedAt],
    );
  }

  /**
   * Frees the channel's claim. The update waits for writers that are inside the fence, so what
   * they wrote is there to be purged afterwards; its ending, written down before, keeps new ones out.
   */
  async end(manager: EntityManager, channelId: ChannelId): Promise<void> {
    await manager.query(
      `UPDATE registry.channels SET state = 'ended' WHERE id = $1 AND state <> 'ended'`,
      [channelId],
    );
  }

  /**
   * The same, for whoever can't stand still for long: for a second at most.
   *
   * @throws the lock's timeout, which ends the transaction
   */
  async endInTime(manager: EntityManager, channelId: ChannelId): Promise<void> {
    await manager.query(`SET LOCAL lock_timeout = ${patienceMs}`);
    await this.end(manager, channelId);
    await manager.query('SET LOCAL lock_timeout TO DEFAULT');
  }

  /**
   * Frees the channel's claim unless somebody has its row: then that is left to the effects, which
   * do wait. For whoever has the channels of others on hand, and must not stand still for one writer.
   */
  async endWithoutWaiting(manager: EntityManager, channelId: ChannelId): Promise<void> {
    await manager.query(
      `UPDATE registry.channels SET state = 'ended'
        WHERE id = (SELECT id FROM registry.channels
                     WHERE id = $1 AND state <> 'ended' FOR UPDATE SKIP LOCKED)`,
      [channelId],
    );
  }
}

function accountOf({ workspaceId, platform, externalId }: Claim): string[] {
  return [workspaceId, platform, externalId];
}
