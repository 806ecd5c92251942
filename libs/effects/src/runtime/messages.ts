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

/** Keeps a message aside that can't be dealt with; a repeat adds nothing. */
export async function skipMessage(
  manager: EntityManager,
  effect: EffectName,
  message: ReceivedMessage,
  reason: string,
): Promise<void> {
  await manager.query(
    `INSERT INTO effects.skipped
            (effect, topic, partition, message_offset, message_key, headers, value, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (effect, topic, partition, message_offset) DO NOTHING`,
    [effect, ...columnsOf(message), reason],
  );
}

function columnsOf({ topic, partition, offset, key, headers, value }: ReceivedMessage): unknown[] {
  const keyBytes = key === null ? null : Buffer.from(key);
  return [topic, partition, offset, keyBytes, JSON.stringify(headers), value];
}
