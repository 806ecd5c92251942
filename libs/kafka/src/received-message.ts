import type { IHeaders, KafkaMessage } from 'kafkajs';

/** A message as a consumer gets it, whoever has sent it: nothing in it can be trusted yet. */
export interface ReceivedMessage {
  /** Without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  /** Decoded as UTF-8; of a header that is sent several times, the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
}

/** kafkajs's message, its bytes decoded as far as everybody needs them. */
export function receivedMessage(
  topic: string,
  partition: number,
  { offset, key, headers, value }: KafkaMessage,
): ReceivedMessage {
  return {
    topic,
    partition,
    offset,
    key: key?.toString('utf8') ?? null,
    headers: decoded(headers ?? {}),
    value,
  };
}

function decoded(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const last = Array.isArray(value) ? value[value.length - 1] : value;
      // A header may be there without a value.
      return last === undefined || last === null ? [] : [[name, last.toString('utf8')]];
    }),
  );
}
