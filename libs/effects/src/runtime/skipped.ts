import type { EntityManager } from 'typeorm';
import type { EffectName } from '@app/domain';
import type { ReceivedMessage } from '@app/kafka';

/** A message that was refused, whole: whoever sent it, it is the evidence of it. */
export interface SkippedMessage {
  readonly id: string;
  readonly effect: EffectName;
  readonly message: ReceivedMessage;
  readonly reason: string;
  readonly skippedAt: Date;
  /** SHA-256 of all of it, in hexadecimal: tells later that exactly this was discarded. */
  readonly digest: string;
}

const columns = `
  id, effect, topic, partition, message_offset AS offset, message_key AS key, headers, value, reason,
  skipped_at AS "skippedAt",
  encode(sha256(convert_to(json_build_array(
    effect, topic, partition, message_offset, encode(message_key, 'hex'), headers::text,
    encode(value, 'hex'), reason, extract(epoch FROM skipped_at))::text, 'UTF8')), 'hex') AS digest`;

type StoredMessage = Omit<SkippedMessage, 'message'> &
  Omit<ReceivedMessage, 'key'> & { readonly key: Buffer | null };

/** The latest ones first. */
export async function listSkipped(
  manager: EntityManager,
  limit: number,
): Promise<SkippedMessage[]> {
  const rows: StoredMessage[] = await manager.query(
    `SELECT ${columns} FROM effects.skipped ORDER BY id DESC LIMIT $1`,
    [limit],
  );
  return rows.map(toMessage);
}

export async function findSkipped(
  manager: EntityManager,
  id: string,
): Promise<SkippedMessage | undefined> {
  const rows: StoredMessage[] = await manager.query(
    `SELECT ${columns} FROM effects.skipped WHERE id = $1`,
    [id],
  );
  return rows[0] && toMessage(rows[0]);
}

/** Deletes it for good; false when there is none. */
export async function discardSkipped(manager: EntityManager, id: string): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    'DELETE FROM effects.skipped WHERE id = $1',
    [id],
  );
  return count === 1;
}

function toMessage(row: StoredMessage): SkippedMessage {
  const { id, effect, reason, skippedAt, digest, key, ...message } = row;
  return {
    ...{ id, effect, reason, skippedAt, digest },
    message: { ...message, key: key && key.toString() },
  };
}
