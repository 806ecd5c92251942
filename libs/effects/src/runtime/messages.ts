import type { EntityManager } from 'typeorm';
import type { EffectName } from '@app/domain';
import type { ReceivedMessage } from '@app/kafka';
import type { Work } from './work';

/** Keeps the message that asked for work, until the work is recorded or refused. */
export async function keepMessage(
  manager: EntityManager,
  { effect, channelId }: Work,
  message: ReceivedMessage,
): Promise<void> {
  await manager.query(
    `INSERT INTO effects.messages
            (effect, topic, partition, message_offset, message_key, headers, value, channel_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (effect, topic, partition, message_offset) DO NOTHING`,
    [effect, ...columnsOf(message), channelId],
  );
}

/** Where messages are kept that can't be dealt with: garbage, or what a later release can read. */
export type KeptAside = 'effects.skipped' | 'effects.parked_messages';

/** Keeps a message aside, whole; a repeat adds nothing. */
export async function keepAside(
  manager: EntityManager,
  table: KeptAside,
  effect: EffectName,
  { message, reason }: { readonly message: ReceivedMessage; readonly reason: string },
): Promise<void> {
  await manager.query(
    `INSERT INTO ${table}
            (effect, topic, partition, message_offset, message_key, headers, value, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (effect, topic, partition, message_offset) DO NOTHING`,
    [effect, ...columnsOf(message), reason],
  );
}

/** A disconnect in a version that the release which got it could not read. */
export interface ParkedMessage {
  readonly id: string;
  readonly effect: EffectName;
  readonly message: ReceivedMessage;
  readonly reason: string;
  readonly parkedAt: Date;
}

/** All of them, the oldest first. */
export async function listParkedMessages(manager: EntityManager): Promise<ParkedMessage[]> {
  const rows: (Omit<ParkedMessage, 'message'> &
    Omit<ReceivedMessage, 'key'> & { readonly key: Buffer | null })[] = await manager.query(
    `SELECT id, effect, topic, partition, message_offset AS offset, message_key AS key, headers,
            value, reason, parked_at AS "parkedAt"
       FROM effects.parked_messages ORDER BY id`,
  );
  return rows.map(({ id, effect, reason, parkedAt, key, ...message }) => ({
    id,
    effect,
    reason,
    parkedAt,
    message: { ...message, key: key && key.toString() },
  }));
}

/** What asked is in the inbox by now. */
export async function forgetParkedMessage(manager: EntityManager, id: string): Promise<void> {
  await manager.query('DELETE FROM effects.parked_messages WHERE id = $1', [id]);
}

function columnsOf({ topic, partition, offset, key, headers, value }: ReceivedMessage): unknown[] {
  const keyBytes = key === null ? null : Buffer.from(key);
  return [topic, partition, offset, keyBytes, JSON.stringify(headers), value];
}
