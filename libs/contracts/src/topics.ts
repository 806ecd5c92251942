/** Everything that happens to a channel: connected, disconnected and kin. Key: the channel's id. */
export const channelsTopic = 'postbreeze.channels.v1';
/** How disconnections end: completed and kin. Key: the channel's id. */
export const disconnectionsTopic = 'postbreeze.disconnections.v1';

/** Every topic that this service writes. A breaking change gets a `.v2` beside, never instead. */
export const topics = [channelsTopic, disconnectionsTopic] as const;
export type Topic = (typeof topics)[number];

/** The consumer group of one effect, e.g. `postbreeze.token-wipe`. */
export function consumerGroupOf(effect: string): string {
  return `postbreeze.${effect}`;
}
