import type {
  ChannelDisconnected,
  ChannelEvent,
  ChannelId,
  ChannelRow,
  EffectName,
  Platform,
  Receipt,
  WorkspaceId,
} from '@app/domain';
import { planDisconnection } from '@app/domain';

/** What the database knows of a channel whose events are lost. Times are ISO 8601 UTC. */
export interface KnownChannel {
  readonly channelId: ChannelId;
  readonly workspaceId: WorkspaceId;
  readonly platform: Platform;
  readonly externalId: string;
  readonly grantRef: string;
  readonly openedAt: string;
  /** Of its tokens in the vault; null without any. */
  readonly tokenVersion: number | null;
  /** Its tokens are gone: if its grant was to be withdrawn, the wipe has asked for that. */
  readonly isWiped: boolean;
  /** When it was disconnected; null while it lives. */
  readonly endedAt: string | null;
  /** Of its effects, as the reconciler has read it; null while it lives, and where it had not come to its disconnect. */
  readonly deadline: string | null;
  /** As readers saw it; null where the projector had not come to its connect. */
  readonly row: ChannelRow | null;
  /** null while it lives, and where the projector had not come to its disconnect. */
  readonly receipt: Receipt | null;
  /** What was asked for after its disconnect. */
  readonly askedFor: readonly EffectName[];
}

/** What a disconnect plans as this command is set up: of one whose own plan is lost. */
export interface PlanDefaults {
  readonly deadlineHours: number;
  readonly effects: readonly EffectName[];
}

/** Who did it is lost with the event. */
const unknownActor = 'unknown';

/**
 * The life of a channel whose stream is lost, in as few events as come to the row that readers saw. Of a
 * channel that no reader saw yet only what its claim says is left: its handle is its external id, and it
 * has no scopes, so that the publisher asks for a reauthorization. When the platform withdrew its grant is not
 * in the row: not before it was asked the last time, which is the time that is told. That a refresh had failed
 * before a reauthorization is not told: who brought that, and when, is not in the row.
 */
export function lostLife(known: KnownChannel): ChannelEvent[] {
  const { channelId, workspaceId, platform, row } = known;
  const whose = { channelId, workspaceId, platform };
  const events: ChannelEvent[] = [connectOf(known)];
  if (!row) return events;
  if (row.lastRefreshedAt !== null) {
    const { tokenExpiresAt, lastRefreshedAt: refreshedAt } = row;
    const tokenVersion = known.tokenVersion ?? 1;
    const data = { channelId, tokenExpiresAt, refreshedAt, tokenVersion };
    events.push({ type: 'ChannelTokenRefreshed', data });
  }
  if (row.lastRefreshError !== null && row.lastRefreshAttemptAt !== null) {
    const data = {
      ...whose,
      attemptedAt: row.lastRefreshAttemptAt,
      reason: row.lastRefreshError,
      platformStatus: row.lastRefreshErrorStatus,
      permanent: row.status === 'TOKEN_EXPIRED',
    };
    events.push({ type: 'ChannelTokenRefreshFailed', data });
  }
  if (row.status === 'REVOKED') {
    const revokedAt = row.lastRefreshAttemptAt ?? row.connectedAt;
    events.push({ type: 'ChannelAccessRevoked', data: { ...whose, revokedAt } });
  }
  return events;
}

function connectOf(known: KnownChannel): ChannelEvent {
  const { channelId, workspaceId, platform, externalId, grantRef, openedAt, row } = known;
  const connectedAt = row?.connectedAt ?? openedAt;
  return {
    type: 'ChannelConnected',
    data: {
      ...{ channelId, workspaceId, platform, externalId, grantRef, connectedAt },
      handle: row?.handle ?? externalId,
      displayName: row?.displayName ?? null,
      avatarUrl: row?.avatarUrl ?? null,
      scopes: row?.scopes ?? [],
      meta: row?.meta ?? {},
      defaultBoardId: row?.defaultBoardId ?? null,
      tokenExpiresAt: row?.tokenExpiresAt ?? null,
      // No later than that; it decides nothing any more.
      grantedAt: connectedAt,
      connectedBy: unknownActor,
    },
  };
}

/**
 * The disconnect of a channel, as it was asked for: with its time, and with the deadlines that its receipt
 * promised, or that the reconciler has read.
 *
 * @param defaults for what neither of both tells
 */
export function lostEnd(
  known: KnownChannel,
  requestedAt: string,
  defaults: PlanDefaults,
): ChannelDisconnected {
  const { channelId, workspaceId, platform, receipt } = known;
  const plan = receipt
    ? receipt.effects.map(({ name: effect, deadline }) => ({ effect, deadline }))
    : planDisconnection(requestedAt, defaults.deadlineHours, plannedEffects(known, defaults)).map(
        (planned) => ({ ...planned, deadline: known.deadline ?? planned.deadline }),
      );
  return {
    type: 'ChannelDisconnected',
    data: {
      ...{ channelId, workspaceId, platform, requestedAt, plan },
      requestedBy: receipt?.requestedBy ?? unknownActor,
      reason: 'USER_REQUEST',
    },
  };
}

/** No wipe has asked for a revocation that was not planned, and after the wipe none has a token. */
function plannedEffects(
  { isWiped, askedFor }: KnownChannel,
  { effects }: PlanDefaults,
): EffectName[] {
  const open = effects.filter((effect) => !isWiped || effect !== 'grant-revocation');
  return [...new Set([...open, ...askedFor])];
}
