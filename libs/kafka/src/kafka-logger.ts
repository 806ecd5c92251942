import { Logger } from '@nestjs/common';
import type { logCreator, LogEntry } from 'kafkajs';
import { logLevel } from 'kafkajs';

/** What kafkajs calls errors although it gets over them by itself, mostly on a fresh broker. */
const harmless = [
  'The group is rebalancing',
  'The coordinator is loading',
  'The group coordinator is not available',
  'There is no leader for this topic-partition',
  'This server does not host this topic-partition',
  'This server is not the leader for that topic-partition',
  'The coordinator is not aware of this member',
];

/** They say each failed try; what they failed at is said, once, by whoever wanted it. */
const repeatedAbove = ['Connection', 'BrokerPool', 'Consumer', 'ConsumerGroup', 'Runner'];

/** kafkajs's log lines through Nest's logger, in one line each. */
export const nestLogCreator: logCreator = () => {
  const logger = new Logger('Kafka');
  return ({ namespace, level, log }: LogEntry) => {
    const { message, error } = log as { message: string; error?: string };
    const line = [namespace, message, error].filter(Boolean).join(': ');
    if (level === logLevel.DEBUG) return;
    const low =
      level === logLevel.INFO ||
      repeatedAbove.includes(namespace) ||
      harmless.some((text) => line.includes(text));
    if (low) return logger.debug(line);
    // Every failure that lasts is also thrown, and logged where it is understood.
    return logger.warn(line);
  };
};
