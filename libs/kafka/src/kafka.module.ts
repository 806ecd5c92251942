import type { OnApplicationShutdown } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { Settings } from '@app/config';
import { KafkaClient } from './kafka-client';
import { MessagePublisher } from './message-publisher';

@Module({
  providers: [
    {
      provide: KafkaClient,
      inject: [Settings],
      useFactory: (settings: Settings) => new KafkaClient(settings),
    },
    {
      provide: MessagePublisher,
      inject: [KafkaClient],
      useFactory: (kafka: KafkaClient) => new MessagePublisher(kafka),
    },
  ],
  exports: [KafkaClient, MessagePublisher],
})
export class KafkaModule implements OnApplicationShutdown {
  constructor(private readonly publisher: MessagePublisher) {}

  async onApplicationShutdown(): Promise<void> {
    await this.publisher.close();
  }
}
