import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readDisconnected } from '@app/contracts';
import { Inbox } from './inbox';
import { requestEffect } from './jobs';
import type { ParkedMessage } from './messages';
import { forgetParkedMessage, listParkedMessages } from './messages';
import type { ParkedWork } from './parking';
import { listParked, unparkWork } from './parking';
import type { Work } from './work';

/**
 * What operators can do with what is parked: look at it, and have it tried again. There is no way to
 * discard it: the disconnect has promised it.
 */
@Injectable()
export class Redrive {
  constructor(
    private readonly dataSource: DataSource,
    private readonly inbox: Inbox,
  ) {}

  /** Effects after their last try, the oldest first. */
  parkedEffects(): Promise<ParkedWork[]> {
    return listParked(this.dataSource.manager);
  }

  /** Disconnects that this release could not read, the oldest first. */
  parkedMessages(): Promise<ParkedMessage[]> {
    return listParkedMessages(this.dataSource.manager);
  }

  /** Has a parked effect tried again; false when it isn't parked. */
  redriveEffect(work: Work): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const redriven = await unparkWork(manager, work);
      if (redriven) await requestEffect(manager, work);
      return redriven;
    });
  }

  /**
   * Hands a parked message to the inbox again, as if it had just come; false while this release
   * still can't read it.
   */
  async redriveMessage({ id, effect, message }: ParkedMessage): Promise<boolean> {
    const reading = readDisconnected(message.headers, message.key, message.value);
    if (reading.kind === 'unknownVersion') return false;
    await this.inbox.receive(effect, message);
    await forgetParkedMessage(this.dataSource.manager, id);
    return true;
  }
}
