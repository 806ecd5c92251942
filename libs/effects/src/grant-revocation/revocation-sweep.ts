import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { linesOf } from '@app/observability';
import { RevocationCopies } from '@app/token-vault';
import { GrantRevoker } from './grant-revoker';

/** The job that runs it. */
export const revocationSweepTask = 'sweep-revocations';

/**
 * Sees to it that no token is kept for longer than its hour, whatever its job is waiting for. A copy or a
 * key that can't be destroyed is said and gone past: it keeps no other one, and nothing that waits for this.
 */
@Injectable()
export class RevocationSweep {
  private readonly say = linesOf(RevocationSweep.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly copies: RevocationCopies,
    private readonly revoker: GrantRevoker,
  ) {}

  /** @throws when the database can't be asked what there is */
  async run(): Promise<void> {
    for (const channelId of await this.copies.overdue(this.dataSource.manager)) {
      try {
        await this.revoker.giveUp(channelId);
      } catch (err) {
        const line = 'a token is kept for longer than its hour: see REVOCATION_KEYS_DIR';
        this.say(line, { channelId, err });
      }
    }
    await this.destroyStrays();
  }

  private async destroyStrays(): Promise<void> {
    const sayWhy = (err: unknown): void =>
      this.say('a key of a wipe that never was can not be destroyed: see REVOCATION_KEYS_DIR', {
        err,
      });
    const strays = await this.copies.strays(this.dataSource.manager).catch(sayWhy);
    let keys = 0;
    for (const keyId of strays ?? []) {
      try {
        this.copies.destroyKey({ keyId });
        keys += 1;
      } catch (err) {
        sayWhy(err);
      }
    }
    if (keys > 0) this.say('keys of wipes that never were are destroyed', { keys });
  }
}
