import type { SpanInfo } from '@app/observability';
import type { Attempt, Work } from './work';

/** A try of an effect, as a trace shows it: below the event that has planned it. */
export function effectSpan({ effect, channelId }: Work, { tries }: Attempt): SpanInfo {
  return {
    name: `effect ${effect}`,
    kind: 'consumer',
    attributes: {
      'postbreeze.effect': effect,
      'postbreeze.channel.id': channelId,
      'postbreeze.effect.tries': tries,
    },
  };
}
