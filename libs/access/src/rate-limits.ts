import { Injectable } from '@nestjs/common';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import { DatabaseTimeLimiter } from './database-time-limiter';

/**
 * How often a key may ask: two fixed windows, each from the key's first request in it, shared by
 * all processes. Whichever is full first refuses.
 */
@Injectable()
export class RateLimits {
  private readonly windows: readonly DatabaseTimeLimiter[];

  constructor(dataSource: DataSource, settings: Settings) {
    const { rateLimitShortRequests, rateLimitShortMs } = settings;
    const { rateLimitLongRequests, rateLimitLongMs } = settings;
    this.windows = [
      new DatabaseTimeLimiter(dataSource, 'short', rateLimitShortRequests, rateLimitShortMs),
      new DatabaseTimeLimiter(dataSource, 'long', rateLimitLongRequests, rateLimitLongMs),
    ];
  }

  /**
   * Counts one request of a key. One that the short window refuses does not count in the long one:
   * a caller that asks too fast for a minute is not locked out for a quarter of an hour.
   *
   * @returns 0 when it may go on, else the milliseconds until the window that is full ends
   */
  async count(keyId: string): Promise<number> {
    for (const window of this.windows) {
      try {
        await window.consume(keyId);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(refusal.msBeforeNext, 1);
      }
    }
    return 0;
  }
}
