import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ChannelId } from '@app/domain';

/** A revocation that was written down before its call. */
export interface RevocationIntent {
  readonly grantRef: string;
  /** What this intent says of the grant's end, as PostgreSQL writes it: nobody else's says the same. */
  readonly mark: string;
}

/**
 * Which grants were withdrawn on their platform, and the lock between that and whoever stores tokens
 * of the same grant: a connect and a reauthorization hold it in the transaction of their tokens, each
 * beside the others; a revocation alone.
 */
@Injectable()
export class Grants {
  /**
   * For whoever stores tokens, to the end of the transaction: from then on no revocation begins that
   * doesn't see this channel.
   *
   * @param grantedAt of the tokens, ISO 8601
   * @returns whether the grant was withdrawn after these were granted, or may be at this moment
   */
  async isRevokedSince(
    manager: EntityManager,
    grantRef: string,
    grantedAt: string,
  ): Promise<boolean> {
    await make(manager, grantRef);
    const [row]: { isRevoked: boolean | null }[] = await manager.query(
      `SELECT revoked_at > $2 AS "isRevoked" FROM registry.grants WHERE grant_ref = $1 FOR SHARE`,
      [grantRef, grantedAt],
    );
    return row!.isRevoked ?? false;
  }

  /**
   * Writes down that a channel's grant is about to be withdrawn; the caller commits before it calls.
   * While the call may be heard, tokens of that grant are refused: it is taken for withdrawn until
   * then, also when this process dies.
   *
   * @param callMs the longest that the call may take
   * @returns undefined when another channel of any workspace is on the grant: nothing is written
   */
  async beginRevocation(
    manager: EntityManager,
    grantRef: string,
    channelId: ChannelId,
    callMs: number,
  ): Promise<RevocationIntent | undefined> {
    await make(manager, grantRef);
    await manager.query('SELECT FROM registry.grants WHERE grant_ref = $1 FOR UPDATE', [grantRef]);
    // A statement of its own, after the lock: it sees whoever had it before.
    if ((await this.othersOn(manager, grantRef, channelId)).length > 0) return undefined;
    // Later than any other intent, so that the answer to that one can't end this one.
    const [[written]]: [{ mark: string }[], number] = await manager.query(
      `UPDATE registry.grants
          SET revoked_at = greatest(clock_timestamp() + $2 * interval '1 millisecond',
                                    revoked_at + interval '1 microsecond')
        WHERE grant_ref = $1 RETURNING revoked_at::text AS mark`,
      [grantRef, callMs],
    );
    return { grantRef, mark: written!.mark };
  }

  /**
   * The platform has withdrawn it: whatever was granted from now on stands. Nothing while another
   * revocation of the same grant is under way.
   */
  async confirmRevocation(
    manager: EntityManager,
    { grantRef, mark }: RevocationIntent,
  ): Promise<void> {
    await manager.query(
      `UPDATE registry.grants SET revoked_at = least(revoked_at, clock_timestamp())
        WHERE grant_ref = $1 AND revoked_at = $2::timestamptz`,
      [grantRef, mark],
    );
  }

  /**
   * The opening and live channels of any workspace that are on a grant beside this one. An ending
   * counts as soon as it is written, so of two channels that end together at least one sees none.
   */
  async othersOn(
    manager: EntityManager,
    grantRef: string,
    channelId: ChannelId,
  ): Promise<ChannelId[]> {
    const others: { id: ChannelId }[] = await manager.query(
      `SELECT id FROM registry.channels other
        WHERE grant_ref = $1 AND id <> $2 AND state <> 'ended'
          AND NOT EXISTS (SELECT FROM registry.endings WHERE channel_id = other.id)
        ORDER BY id`,
      [grantRef, channelId],
    );
    return others.map(({ id }) => id);
  }

  /** The grant that a channel is on, or was on when it ended; undefined when nothing is known of it. */
  async refOf(manager: EntityManager, channelId: ChannelId): Promise<string | undefined> {
    const rows: { grantRef: string }[] = await manager.query(
      'SELECT grant_ref AS "grantRef" FROM registry.channels WHERE id = $1',
      [channelId],
    );
    return rows[0]?.grantRef;
  }
}

/** There has to be a row to lock. */
async function make(manager: EntityManager, grantRef: string): Promise<void> {
  await manager.query(
    'INSERT INTO registry.grants (grant_ref) VALUES ($1) ON CONFLICT DO NOTHING',
    [grantRef],
  );
}
