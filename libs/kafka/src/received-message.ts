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
