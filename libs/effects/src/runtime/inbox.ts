import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { failpoint } from '@app/config';
import type { ChannelDisconnectedMessage, MessageType } from '@app/contracts';
import { readDisconnected } from '@app/contracts';
import type { EffectName } from '@app/domain';
import { isId } from '@app/domain';
import type { ReceivedMessage } from '@app/kafka';
import { inSpanFrom, linesOf } from '@app/observability';
import { countSkipped } from './effect-metrics';
import { requestEffect } from './jobs';
import { startMessageSpan } from './message-span';
import { keepAside, keepMessage } from './messages';
import { openWork } from './work';

/** What stands on the same topic and asks for nothing here. A type that isn't listed is kept aside. */
const ignoredTypes: readonly string[] = [
  'ai.postbreeze.channel.connected.v1',
  'ai.postbreeze.channel.reauthorized.v1',
  'ai.postbreeze.channel.expired.v1',
  'ai.postbreeze.channel.revoked.v1',
] satisfies readonly MessageType[];

/**
 * What becomes of a message: a work row and its job, in one transaction, before the offset is
 * committed. Nothing is done and nothing is believed here: that is the worker's part.
 */
@Injectable()
export class Inbox {
  private readonly say = linesOf(Inbox.name);

  constructor(private readonly dataSource: DataSource) {}

  /** @throws when PostgreSQL is away; the message has to come again */
  async receive(effect: EffectName, message: ReceivedMessage): Promise<void> {
    const reading = readDisconnected(message.headers, message.key, message.value);
    switch (reading.kind) {
      case 'ok':
        return this.open(effect, reading.message, message);
      case 'other':
        if (ignoredTypes.includes(reading.type)) return;
        return this.skip(effect, message, `unknown type ${quoted(reading.type)}`);
      case 'unknownVersion':
        return this.park(effect, message, `unknown version ${quoted(reading.type)}`);
      case 'skip':
        return this.skip(effect, message, reading.reason);
    }
  }

  private async open(
    effect: EffectName,
    disconnected: ChannelDisconnectedMessage,
    message: ReceivedMessage,
  ): Promise<void> {
    const { id: eventId, subject: channelId } = disconnected;
    const work = { effect, channelId };
    const isOpen = await inSpanFrom(startMessageSpan(effect, disconnected, message), () =>
      this.dataSource.transaction(async (manager) => {
        if (!(await openWork(manager, work))) return false;
        await keepMessage(manager, work, message);
        await requestEffect(manager, work);
        failpoint('inbox:opened', effect);
        return true;
      }),
    );
    failpoint('inbox:committed', effect);
    if (isOpen) this.say('message received', { ...work, ...placeOf(message), eventId });
  }

  private async skip(effect: EffectName, message: ReceivedMessage, reason: string): Promise<void> {
    const { key } = message;
    this.say('message skipped', { effect, channelId: idIn(key), ...placeOf(message), reason });
    await keepAside(this.dataSource.manager, 'effects.skipped', effect, { message, reason });
    countSkipped(effect);
  }

  /** It may well be true: it waits for a release that can read it, and can't be discarded. */
  private async park(effect: EffectName, message: ReceivedMessage, reason: string): Promise<void> {
    const { key } = message;
    const where = { channelId: idIn(key), ...placeOf(message) };
    this.say('message PARKED: upgrade', { effect, ...where, reason });
    await keepAside(this.dataSource.manager, 'effects.parked_messages', effect, {
      message,
      reason,
    });
  }
}

function placeOf({ topic, partition, offset }: ReceivedMessage) {
  return { topic, partition, offset };
}

/** Whose it may be; whatever else somebody has put there is nothing for a log. */
function idIn(key: string | null): string | undefined {
  return isId('channel', key) ? key : undefined;
}

/** As a row takes it, whoever wrote it: PostgreSQL's text refuses a NUL, and would refuse for ever. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
