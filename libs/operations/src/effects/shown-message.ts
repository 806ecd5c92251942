import type { ReceivedMessage } from '@app/kafka';

/** A message as an operator sees it, whoever sent it. */
export interface ShownMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64, where it is no UTF-8. */
  readonly value: string | null;
  readonly valueEncoding: 'utf-8' | 'base64';
}

export function shownMessage({ value, ...message }: ReceivedMessage): ShownMessage {
  const text = value?.toString('utf8');
  const isText = value === null || Buffer.from(text!).equals(value);
  return {
    ...message,
    value: isText ? (text ?? null) : value.toString('base64'),
    valueEncoding: isText ? 'utf-8' : 'base64',
  };
}
