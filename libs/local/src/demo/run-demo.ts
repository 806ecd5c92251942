import { setTimeout as wait } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { accessEntities } from '@app/access';
import type { ChannelId, ChannelRow, Receipt } from '@app/domain';
import { dataSourceOptions } from '@app/persistence';
import type { LocalStack } from '../local-stack';
import { ApiClient } from './api-client';
import { connectAccount } from './connect-accounts';
import { demoAccounts, workspaceName } from './demo-accounts';
import { addContent } from './demo-content';
import type { DemoWorkspace } from './demo-workspace';
import { openDemoWorkspace } from './demo-workspace';
import { happeningsOf, holdingsOf } from './read-back';
import { heading, holdingsTable, receiptLines, rowLine, timeline } from './report';

/** Milliseconds that the demo waits for all effects; they take a fraction of a second. */
const patienceMs = 10_000;

/**
 * Connects accounts, disconnects one through REST, and shows what came of it in each store.
 *
 * @returns whether every effect is done
 */
export async function runDemo(stack: LocalStack): Promise<boolean> {
  const { settings, urls } = stack;
  const pool = { size: 2, timeoutMs: settings.startTimeoutMs };
  const dataSource = new DataSource(dataSourceOptions(urls.databaseUrl, pool, accessEntities));
  await dataSource.initialize();
  try {
    const workspace = await openDemoWorkspace(dataSource);
    const api = new ApiClient(`http://127.0.0.1:${settings.apiPort}`, workspace.apiKey);
    const ids = await connectAll(stack, dataSource, workspace);
    const succeeded = await disconnectOne(stack, dataSource, api, ids);
    console.log(heading('Try it yourself'));
    console.log(`API key   ${workspace.apiKey}`);
    console.log(`curl -H 'Authorization: Bearer ${workspace.apiKey}' \\
  ${api.baseUrl}/api/v1/social-accounts`);
    return succeeded;
  } finally {
    await dataSource.destroy();
  }
}

async function connectAll(
  { settings }: LocalStack,
  dataSource: DataSource,
  workspace: DemoWorkspace,
): Promise<readonly ChannelId[]> {
  console.log(heading(`Workspace ${workspaceName}, ${workspace.workspaceId}`));
  const internal = new ApiClient(`http://127.0.0.1:${settings.internalPort}`, workspace.serviceKey);
  const ids: ChannelId[] = [];
  for (const account of demoAccounts) {
    const { id, isNew } = await connectAccount(internal, workspace, account);
    if (isNew) await addContent(dataSource, workspace.workspaceId, id);
    const note = isNew ? 'connected now' : 'connected in an earlier run';
    console.log(`${id}  ${account.platform.padEnd(9)} ${account.handle.padEnd(21)} ${note}`);
    ids.push(id);
  }
  return ids;
}

async function disconnectOne(
  stack: LocalStack,
  dataSource: DataSource,
  api: ApiClient,
  [id, otherId]: readonly ChannelId[],
): Promise<boolean> {
  const path = `/api/v1/social-accounts/${id}`;
  const before = await holdingsOf(dataSource, id!);
  console.log(heading('Through REST: DELETE ' + path));
  console.log(rowLine('before', await api.call<ChannelRow>('GET', path)));
  console.log(rowLine('DELETE', await api.call<ChannelRow>('DELETE', path)));
  console.log(rowLine('after', await api.call<ChannelRow>('GET', path)));
  const listed = await api.call<{ data: ChannelRow[] }>('GET', '/api/v1/social-accounts');
  console.log(`listing  ${listed.status}            ${listed.body.data.length} channels left`);

  const receipt = await completedReceipt(api, `${path}/disconnection`);
  console.log(heading('Timeline, read back from the stores'));
  const happenings = await happeningsOf(stack, dataSource, id!);
  console.log(timeline(happenings, new Date(receipt.requestedAt)));
  console.log(heading('What PostgreSQL holds'));
  const after = await holdingsOf(dataSource, id!);
  console.log(holdingsTable(before, after, await holdingsOf(dataSource, otherId!)));
  console.log(heading(`Receipt, GET ${path}/disconnection`));
  console.log(receiptLines(receipt));
  const gone = after.sealedTokens + after.snapshots + after.comments + after.pendingTargets === 0;
  return receipt.status === 'COMPLETED' && gone;
}

/** The receipt when it is COMPLETED, or as it is when patience ends. */
async function completedReceipt(api: ApiClient, path: string): Promise<Receipt> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { body } = await api.call<Receipt>('GET', path);
    if (body.status === 'COMPLETED' || Date.now() > deadline) return body;
    // Within the limits of a key, which are a minute's.
    await wait(250);
  }
}
