import type { Settings } from '@app/config';
import type { RetryOptions } from 'kafkajs';
import { Kafka } from 'kafkajs';
import type { ConnectionSettings } from './connection';
import { connectionOf } from './connection';
import { nestLogCreator } from './kafka-logger';

/** What reaching Kafka takes. */
export type KafkaSettings = Pick<Settings, 'kafkaNamePrefix' | 'kafkaSessionMs' | 'retryCapMs'> &
  ConnectionSettings;

/** The cluster, and our names in it: every topic and group name goes through here. */
export class KafkaClient {
  readonly kafka: Kafka;
  /** kafkajs's own retries; whoever uses it goes on after them. */
  readonly retry: RetryOptions;

  constructor(readonly settings: KafkaSettings) {
    this.retry = { initialRetryTime: 100, maxRetryTime: settings.retryCapMs, retries: 5 };
    this.kafka = new Kafka({
      ...connectionOf(settings),
      logCreator: nestLogCreator,
      connectionTimeout: 3_000,
      requestTimeout: 10_000,
      retry: this.retry,
    });
  }

  topicName(topic: string): string {
    return this.settings.kafkaNamePrefix + topic;
  }

  groupName(groupId: string): string {
    return this.settings.kafkaNamePrefix + groupId;
  }

  /** The topic that a name of ours stands for. */
  topicOf(name: string): string {
    return name.slice(this.settings.kafkaNamePrefix.length);
  }
}
