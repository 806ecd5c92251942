import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { failpoint, Settings } from '@app/config';
import { counter, linesOf } from '@app/observability';
import type { KekInfo } from './kek-provider';
import { KekProvider } from './kek-provider';
import { KekRewrapping } from './kek-rewrapping';
import { lockForChangingKeks } from './keks-lock';

/** The job of an operator who wants another key at once; its payload is `{ askedAt }`, ISO 8601. */
export const rotateKekTask = 'rotate-kek';

const rotations = counter({
  name: 'postbreeze_kek_rotations_total',
  help: 'Key-encryption keys that this process has made, each to seal instead of the former one.',
});

const destructions = counter({
  name: 'postbreeze_kek_destructions_total',
  help: 'Retired key-encryption keys that this process has destroyed.',
});

const hourMs = 3_600_000;

/**
 * The life of key-encryption keys, on database time: each seals for a while, is retired when the
 * next one is made, and is destroyed a while later, once no row needs it. Each step can be repeated
 * and goes on from where the last one was stopped; rivals take turns.
 */
@Injectable()
export class KekRotation {
  private readonly say = linesOf(KekRotation.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly keks: KekProvider,
    private readonly rewrapping: KekRewrapping,
    private readonly settings: Settings,
  ) {}

  /** Does what is due: a rotation, one that was stopped half-way, the end of retired keys. */
  async tend(): Promise<void> {
    const maxAgeMs = this.settings.kekRotationHours * hourMs;
    await this.renew((active, now) => now.getTime() - active.createdAt.getTime() >= maxAgeMs);
    await this.rewrap();
    await this.destroyRetired();
  }

  /**
   * Rotates at once, unless it was done since it was asked for: a job that is run again makes no
   * second key.
   */
  async rotate(askedAt: Date): Promise<void> {
    await this.renew((active) => active.createdAt < askedAt);
    await this.rewrap();
  }

  private async renew(isDue: (active: KekInfo, now: Date) => boolean): Promise<void> {
    const made = await this.changing(async (now) => {
      const keks = await this.keks.list();
      const active = keks.find(({ retiredAt }) => retiredAt === null)!;
      return isDue(active, now) ? this.keks.rotate(now) : undefined;
    });
    if (!made) return;
    rotations.inc();
    this.say('another key-encryption key seals', { keyId: made.id });
    failpoint('keks:rotated');
  }

  private async rewrap(): Promise<void> {
    const { rewrapped, unreadable } = await this.rewrapping.run();
    if (rewrapped > 0) this.say('data keys are under the new key', { tokens: rewrapped });
    if (unreadable > 0) {
      this.say('some tokens can only come back by reauthorization', { tokens: unreadable });
    }
  }

  /** A key that a row still needs stays, however old it is. */
  private async destroyRetired(): Promise<void> {
    const keepMs = this.settings.kekDestroyAfterHours * hourMs;
    await this.changing(async (now, manager) => {
      for (const { id, retiredAt } of await this.keks.list()) {
        const isDue = retiredAt !== null && now.getTime() - retiredAt.getTime() >= keepMs;
        if (!isDue || (await isNeeded(manager, id))) continue;
        await this.keks.destroy(id);
        destructions.inc();
        this.say('a key-encryption key is destroyed', { keyId: id });
      }
    });
  }

  /** One process at a time, and none while anybody seals. */
  private changing<T>(act: (now: Date, manager: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await lockForChangingKeks(manager);
      const [clock]: { now: Date }[] = await manager.query('SELECT clock_timestamp() AS now');
      return act(clock!.now, manager);
    });
  }
}

async function isNeeded(manager: EntityManager, keyId: string): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    'SELECT 1 FROM vault.tokens WHERE key_id = $1 AND wiped_at IS NULL LIMIT 1',
    [keyId],
  );
  return rows.length > 0;
}
