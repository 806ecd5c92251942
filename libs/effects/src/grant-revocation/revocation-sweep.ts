import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { linesOf } from '@app/observability';
import { RevocationCopies } from '@app/token-vault';
import { GrantRevoker } from './grant-revoker';

/** The job that runs it. */
export const revocationSweepTask = 'sweep-revocations';

/** Sees to it that no token is kept for longer than its hour, whatever its job is waiting for. */
@Injectable()
export class RevocationSweep {
  private readonly say = linesOf(RevocationSweep.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly copies: RevocationCopies,
    private readonly revoker: GrantRevoker,
  ) {}

  async run(): Promise<void> {
    const { manager } = this.dataSource;
    for (const channelId of await this.copies.overdue(manager)) {
      await this.revoker.giveUp(channelId);
    }
    const keys = await this.copies.destroyStrays(manager);
    if (keys > 0) this.say('keys of wipes that never were are destroyed', { keys });
  }
}
