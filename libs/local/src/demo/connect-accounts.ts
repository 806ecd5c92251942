import { randomBytes, randomUUID } from 'node:crypto';
import type { ChannelRow } from '@app/domain';
import type { ApiClient } from './api-client';
import type { DemoAccount } from './demo-accounts';
import type { DemoWorkspace } from './demo-workspace';

/** A channel of the demo, and whether this run connected it. */
export interface DemoChannel {
  readonly id: string;
  readonly isNew: boolean;
}

/** Connects an account through the internal API, or finds the channel that holds it already. */
export async function connectAccount(
  internal: ApiClient,
  { workspaceId, ownerId }: DemoWorkspace,
  account: DemoAccount,
): Promise<DemoChannel> {
  const token = (): string => `demo-${randomBytes(24).toString('hex')}`;
  const { status, body } = await internal.call<ChannelRow & { accountId?: string }>(
    'POST',
    '/internal/v1/channels',
    {
      headers: { 'idempotency-key': randomUUID() },
      body: {
        ...account,
        workspaceId,
        tokens: { accessToken: token(), refreshToken: token() },
        grantedAt: new Date().toISOString(),
        grantSubject: `demo-subject-${account.platform}`,
        actor: ownerId,
      },
    },
  );
  if (status === 409 && body.accountId) return { id: body.accountId, isNew: false };
  if (status !== 201) throw new Error(`Connecting ${account.handle}: ${JSON.stringify(body)}`);
  return { id: body.id, isNew: true };
}
