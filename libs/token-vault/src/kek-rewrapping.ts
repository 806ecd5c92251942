import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { failpoint } from '@app/config';
import type { ChannelId } from '@app/domain';
import { rewrapKey } from './envelope';
import type { Kek } from './kek-provider';
import { KekProvider } from './kek-provider';
import { lockForSealing } from './keks-lock';
import type { SealedTokens } from './stored-tokens';
import { sealedColumns } from './stored-tokens';

/** What became of the rows that were under another key than the one that seals. */
export interface Rewrapped {
  readonly rewrapped: number;
  /** Under a key that is gone, or broken: they stay as they are. */
  readonly unreadable: number;
}

interface Page extends Rewrapped {
  /** Changed by somebody else meanwhile. */
  readonly lost: number;
  /** The last row of the page; undefined when there was none. */
  readonly last: ChannelId | undefined;
}

/** Rows in one transaction: a wipe or a refresh of one of them waits no longer than for these. */
const pageSize = 50;

/** Brings every row's data key under the key that seals. Goes on from wherever it was stopped. */
@Injectable()
export class KekRewrapping {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keks: KekProvider,
  ) {}

  /** Until no row is left that could be rewrapped: one that changed meanwhile is taken again. */
  async run(): Promise<Rewrapped> {
    let rewrapped = 0;
    for (;;) {
      const pass = await this.pass();
      rewrapped += pass.rewrapped;
      if (pass.lost === 0) return { rewrapped, unreadable: pass.unreadable };
    }
  }

  private async pass(): Promise<Omit<Page, 'last'>> {
    const sum = { rewrapped: 0, unreadable: 0, lost: 0 };
    let last: ChannelId | undefined = '';
    while (last !== undefined) {
      const after: ChannelId = last;
      const page: Page = await this.dataSource.transaction((manager) => this.page(manager, after));
      sum.rewrapped += page.rewrapped;
      sum.unreadable += page.unreadable;
      sum.lost += page.lost;
      ({ last } = page);
      failpoint('keks:rewrapping');
    }
    return sum;
  }

  private async page(manager: EntityManager, after: ChannelId): Promise<Page> {
    // Like whoever seals: no other key becomes the active one while rows are brought under it.
    await lockForSealing(manager);
    const active = await this.keks.active();
    const rows: SealedTokens[] = await manager.query(
      `SELECT ${sealedColumns} FROM vault.tokens
        WHERE wiped_at IS NULL AND key_id <> $1 AND channel_id > $2
        ORDER BY channel_id LIMIT ${pageSize}`,
      [active.id, after],
    );
    const page = { rewrapped: 0, unreadable: 0, lost: 0, last: rows.at(-1)?.channelId };
    for (const row of rows) page[await this.rewrap(manager, row, active)] += 1;
    return page;
  }

  private async rewrap(
    manager: EntityManager,
    row: SealedTokens,
    active: Kek,
  ): Promise<keyof Omit<Page, 'last'>> {
    const former = await this.keks.find(row.keyId);
    const wrappedKey = former && rewrapped(former, active, row);
    if (!wrappedKey) return 'unreadable';
    // Compare and set: tokens that were replaced or wiped meanwhile stay replaced or wiped.
    const [, count]: [unknown, number] = await manager.query(
      `UPDATE vault.tokens SET key_id = $5, wrapped_key = $6
        WHERE channel_id = $1 AND version = $2 AND key_id = $3 AND wrapped_key = $4
          AND wiped_at IS NULL`,
      [row.channelId, row.version, row.keyId, row.wrappedKey, active.id, wrappedKey],
    );
    return count === 1 ? 'rewrapped' : 'lost';
  }
}

function rewrapped(former: Kek, active: Kek, row: SealedTokens): Buffer | undefined {
  try {
    return rewrapKey(former.key, active.key, row, row.wrappedKey);
  } catch {
    return undefined;
  }
}
