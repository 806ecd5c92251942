import { randomBytes } from 'node:crypto';
import type { ChannelConnected, ChannelId, Platform } from '@app/domain';
import { effectNames, planDisconnection } from '@app/domain';
import { channelStream } from '@app/event-store';
import type { TestBed } from '@app/testing';
import { aContext, connected, disconnected, requestedAt } from '@app/testing';
import { Keyring, TokenSealer } from '@app/token-vault';
import { revocationEnvironment } from '../../support/revocation-settings';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, patience } from './effects-under-test';
import { announcement } from './given';

/** The effects of a process that withdraws grants at that URL. */
export async function revocationsUnderTest(
  bed: TestBed,
  url: string,
  more: Record<string, string> = {},
): Promise<EffectsUnderTest> {
  const env = { ...revocationEnvironment(bed, url), ...more };
  const effects = await effectsUnderTest(bed, await bed.settings('subscribers', env));
  await registrarAt(effects, 2n ** 62n);
  return effects;
}

/** How far the registrar has come, which does not run here. */
export async function registrarAt(
  { dataSource }: EffectsUnderTest,
  position: bigint,
): Promise<void> {
  await dataSource.query(
    `INSERT INTO runtime.checkpoints (name, commit_position, prepare_position)
     VALUES ('registrar', $1, $1)
     ON CONFLICT (name) DO UPDATE SET commit_position = $1, prepare_position = $1`,
    [String(position)],
  );
}

export const aGrantRef = (): string => randomBytes(32).toString('hex');

export interface GrantedChannel {
  readonly platform?: Platform;
  readonly grantRef?: string;
  readonly refreshToken?: string | null;
  readonly tokenExpiresAt?: string;
}

/** A channel that is connected, with tokens that the vault's keys open. */
export async function grantedChannel(
  bed: TestBed,
  { store, dataSource }: EffectsUnderTest,
  { platform = 'X', grantRef = aGrantRef(), refreshToken, tokenExpiresAt }: GrantedChannel = {},
): Promise<ChannelConnected['data'] & { readonly token: string }> {
  const start = connected({ platform, grantRef });
  const { channelId, workspaceId, externalId } = start.data;
  const token = `refresh-${channelId}`;
  const tokens = {
    accessToken: `access-${channelId}`,
    refreshToken: refreshToken === undefined ? token : refreshToken,
  };
  await store.append(channelStream(channelId), 'no_stream', [start], aContext());
  const sealer = new TokenSealer(Keyring.fromFile(bed.vaultKeyFile()));
  await dataSource.transaction(async (manager) => {
    await manager.query(
      `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
       VALUES ($1, $2, $3, $4, $5, 'live')`,
      [channelId, workspaceId, platform, externalId, grantRef],
    );
    await sealer.seal(manager, { channelId, workspaceId }, tokens, tokenExpiresAt);
  });
  return { ...start.data, token: tokens.refreshToken ?? tokens.accessToken };
}

/** Ends the channel's stream, its grant's revocation planned; and its tokens are wiped. */
export async function endAndWipe(
  effects: EffectsUnderTest,
  start: ChannelConnected['data'],
): Promise<void> {
  const { channelId } = start;
  const plan = planDisconnection(requestedAt, 20, effectNames);
  const end = disconnected({ type: 'ChannelConnected', data: start }, { plan });
  await effects.store.append(channelStream(channelId), 0, [end], aContext());
  await effects.inbox.receive('token-wipe', announcement(channelId));
  await effects.worker.run({ effect: 'token-wipe', channelId }, patience);
}

/** The same as a disconnected channel, whose revocation is due. */
export async function dueRevocation(
  bed: TestBed,
  effects: EffectsUnderTest,
  channel: GrantedChannel = {},
): Promise<ChannelConnected['data'] & { readonly token: string }> {
  const start = await grantedChannel(bed, effects, channel);
  await endAndWipe(effects, start);
  return start;
}

/** What the rows say of a channel's revocation, and whether a token is kept for it. */
export async function revocationOf(
  { dataSource }: EffectsUnderTest,
  channelId: ChannelId,
): Promise<object> {
  const [row]: object[] = await dataSource.query(
    `SELECT state, outcome, counts, error,
            EXISTS (SELECT FROM vault.revocation_copies WHERE channel_id = $1) AS "isKept"
       FROM effects.work WHERE channel_id = $1 AND effect = 'grant-revocation'`,
    [channelId],
  );
  return row!;
}

/** As if the copy were that old. */
export async function age(
  { dataSource }: EffectsUnderTest,
  channelId: ChannelId,
  minutes: number,
): Promise<void> {
  await dataSource.query(
    `UPDATE vault.revocation_copies SET until = until - $2 * interval '1 minute'
      WHERE channel_id = $1`,
    [channelId, minutes],
  );
}
