import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

/** What the library reads of a counter: `expire` in milliseconds since 1970, on this clock. */
interface Counted {
  readonly rows: readonly [{ readonly points: number; readonly expire: number }];
}

/**
 * The library's limiter, on the database's clock: the library takes each process's own, and two
 * processes whose clocks differ would disagree on when a window ends.
 */
export class DatabaseTimeLimiter extends RateLimiterPostgres {
  constructor(
    private readonly dataSource: DataSource,
    /** Of the window: the counters of two windows stand in the same table. */
    name: string,
    requests: number,
    private readonly windowMs: number,
  ) {
    super({
      storeClient: dataSource,
      storeType: 'typeorm',
      tableName: 'rate_limits',
      // Made by a migration, and never cleared: it holds two rows for each key.
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points: requests,
      duration: windowMs / 1_000,
    });
  }

  /** Takes the place of the library's own statement, which all of its counting goes through. */
  protected async _upsert(key: string, points: number): Promise<Counted> {
    const [row]: [{ points: number; msLeft: number }] = await this.dataSource.query(
      `INSERT INTO access.rate_limits AS held (key, points, expires_at)
       VALUES ($1, $2, statement_timestamp() + $3 * interval '1 millisecond')
       ON CONFLICT (key) DO UPDATE SET
         points = CASE WHEN held.expires_at <= statement_timestamp() THEN 0 ELSE held.points END
                + excluded.points,
         expires_at = CASE WHEN held.expires_at <= statement_timestamp() THEN excluded.expires_at
                      ELSE held.expires_at END
       RETURNING points,
         extract(epoch FROM expires_at - statement_timestamp())::float * 1000 AS "msLeft"`,
      [key, points, this.windowMs],
    );
    return { rows: [{ points: row.points, expire: Date.now() + row.msLeft }] };
  }
}
