import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import type { AnnouncedEffect, Channel, ChannelId, DisconnectionEvent, Receipt } from '@app/domain';
import { announcedEffects, atRevision, evolveReceipt, openReceipt } from '@app/domain';
import { survivorsOf } from '@app/effects';
import { disconnectionStream } from '@app/event-store';
import { ChannelStreams } from '@app/queries';
import { readReceiptKeys, ReceiptSigner } from '@app/receipts';
import { assertChannelId } from '../assert-channel-id';
import { NothingFound } from '../errors';
import type { Stores } from '../with-stores';
import { withStores } from '../with-stores';

/** Something that the receipt says or stands for, held against what there is. */
export interface Check {
  readonly what: string;
  readonly isOk: boolean;
  /** What was found, when it isn't ok. */
  readonly found: string | null;
}

export interface ReceiptReport {
  /** Folded from the streams, as REST answers it; the signature is null without RECEIPT_KEY_FILE. */
  readonly receipt: Receipt & { readonly signature: string | null };
  /** None unless they were asked for. */
  readonly checks: readonly Check[];
}

/**
 * The receipt of a disconnection, folded from its streams.
 *
 * @param settings of the role `ops events`
 * @param verify whether it is held against the read model and the rest of the database
 * @throws WrongUsage for what is no id, NothingFound when there is no receipt, ReceiptKeyFileError
 */
export async function showReceipt(
  settings: Settings,
  id: string,
  { verify }: { readonly verify: boolean },
): Promise<ReceiptReport> {
  assertChannelId(id);
  return withStores(settings, [], async (stores) => {
    const streams = new ChannelStreams(stores.events);
    const channel = await streams.channel(id);
    if (channel.kind !== 'DISCONNECTED') throw noReceipt(id, channel);
    const receipt = await streams.receipt(channel);
    return {
      receipt: await signed(receipt, settings),
      checks: verify ? await checksOf(stores, receipt, channel) : [],
    };
  });
}

function noReceipt(id: ChannelId, { kind }: Channel): NothingFound {
  return new NothingFound(
    kind === 'LIVE' ? `${id} is connected: there is no receipt` : `There is no channel ${id}`,
  );
}

async function signed(receipt: Receipt, { receiptKeyFile }: Settings) {
  if (!receiptKeyFile) return { ...receipt, signature: null };
  return (await ReceiptSigner.with(readReceiptKeys(receiptKeyFile))).sign(receipt);
}

type Ended = Extract<Channel, { kind: 'DISCONNECTED' }>;

async function checksOf(
  { dataSource, events }: Stores,
  receipt: Receipt,
  channel: Ended,
): Promise<Check[]> {
  return [
    await readModelAgrees({ dataSource, events }, receipt, channel),
    await registryAgrees(dataSource, receipt),
    await tombstoneStands(dataSource, receipt),
    await copyIsGone(dataSource, receipt),
    ...(await nothingSurvives(dataSource, receipt)),
    ...(await workAgrees(dataSource, receipt)),
  ].filter((check) => check !== undefined);
}

/** A projector that is behind has the receipt of an earlier revision: that one has to be the same. */
async function readModelAgrees(
  { dataSource, events }: Stores,
  receipt: Receipt,
  { end, row: { id } }: Ended,
): Promise<Check> {
  const rows: { receipt: Receipt }[] = await dataSource.query(
    'SELECT receipt FROM read_model.receipts WHERE channel_id = $1',
    [id],
  );
  const what = 'the read model shows the receipt that the streams tell';
  const stored = rows[0]?.receipt;
  if (!stored) return notOk(what, 'there is no row');
  const upTo = stored.streamRevision ?? -1;
  const recorded = upTo < 0 ? [] : await events.read(disconnectionStream(id));
  const folded = recorded
    .filter(({ revision }) => revision <= upTo)
    .reduce(
      (state, { event, revision }) =>
        atRevision(evolveReceipt(state, event as DisconnectionEvent), revision),
      openReceipt(end),
    );
  const names = Object.keys({ ...folded, ...stored }) as (keyof Receipt)[];
  const differing = names.filter((name) => !isDeepStrictEqual(folded[name], stored[name]));
  if (differing.length > 0) return notOk(what, `other ${differing.join(', ')}`);
  const behind = (receipt.streamRevision ?? -1) - upTo;
  return ok(behind === 0 ? what : `${what}, ${behind} events behind`);
}

async function registryAgrees(dataSource: DataSource, { accountId }: Receipt): Promise<Check> {
  const [found]: { kind: string | null; state: string | null }[] = await dataSource.query(
    `SELECT (SELECT kind FROM registry.endings WHERE channel_id = $1) AS kind,
            (SELECT state FROM registry.channels WHERE id = $1) AS state`,
    [accountId],
  );
  const { kind, state } = found!;
  const isEnded = kind === 'disconnected' && state === 'ended';
  const what = 'the registry has the channel ended';
  return isEnded ? ok(what) : notOk(what, `ending ${kind ?? 'none'}, state ${state ?? 'none'}`);
}

async function tombstoneStands(
  dataSource: DataSource,
  receipt: Receipt,
): Promise<Check | undefined> {
  if (!isDone(receipt, 'token-wipe')) return undefined;
  const rows: { wiped: boolean }[] = await dataSource.query(
    'SELECT wiped_at IS NOT NULL AS wiped FROM vault.tokens WHERE channel_id = $1',
    [receipt.accountId],
  );
  const what = 'the vault has a tombstone in the place of the tokens';
  if (rows[0]?.wiped) return ok(what);
  return notOk(what, rows[0] ? 'the tokens are there' : 'there is no row');
}

async function copyIsGone(dataSource: DataSource, receipt: Receipt): Promise<Check | undefined> {
  if (!isDone(receipt, 'token-wipe') || receipt.revocationCopyUntil !== null) return undefined;
  const copies: unknown[] = await dataSource.query(
    'SELECT FROM vault.revocation_copies WHERE channel_id = $1 AND sealed_token IS NOT NULL',
    [receipt.accountId],
  );
  const what = 'no token is kept for a revocation';
  return copies.length === 0 ? ok(what) : notOk(what, 'one is there');
}

const nothingLeft: Readonly<Record<AnnouncedEffect, string>> = {
  'token-wipe': 'no token is left in the vault',
  'analytics-purge': 'no cached analytics are left',
  'comments-purge': 'no cached comments are left',
  'schedule-cancel': 'no target is scheduled or waits for an approval',
};

async function nothingSurvives(dataSource: DataSource, receipt: Receipt): Promise<Check[]> {
  const survivors = await survivorsOf(dataSource.manager, receipt.accountId);
  return announcedEffects
    .filter((effect) => isDone(receipt, effect))
    .map((effect) =>
      survivors.includes(effect)
        ? notOk(nothingLeft[effect], `${effect} is done, and some are there`)
        : ok(nothingLeft[effect]),
    );
}

/** What has ended in the stream has ended in the same way in this database. */
async function workAgrees(
  dataSource: DataSource,
  { accountId, effects }: Receipt,
): Promise<Check[]> {
  const rows: { effect: string; outcome: string | null }[] = await dataSource.query(
    'SELECT effect, outcome FROM effects.work WHERE channel_id = $1',
    [accountId],
  );
  return effects
    .filter(({ finishedAt }) => finishedAt !== null)
    .map(({ name, status }) => {
      const row = rows.find(({ effect }) => effect === name);
      const what = `${name} has ended as ${status} in this database, too`;
      if (row?.outcome === status) return ok(what);
      return notOk(what, row ? (row.outcome ?? 'it is open') : 'nobody was asked for it');
    });
}

function isDone({ effects }: Receipt, effect: AnnouncedEffect): boolean {
  return effects.some(({ name, status }) => name === effect && status === 'DONE');
}

function ok(what: string): Check {
  return { what, isOk: true, found: null };
}

function notOk(what: string, found: string): Check {
  return { what, isOk: false, found };
}
