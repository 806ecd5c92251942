import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { counter, gauge } from '@app/observability';
import { queryWithin } from '@app/persistence';
import { Candidacy } from './candidacy';

const leads = gauge({
  name: 'postbreeze_leader',
  help: 'Whether this process leads what it is a candidate for: 1, or 0 while it stands by.',
  labels: ['name'],
});

const terms = counter({
  name: 'postbreeze_leadership_terms_total',
  help: 'Terms that this process has begun.',
  labels: ['name'],
});

/** This process's time as the leader of something. */
export interface Term {
  /** Grows with every change of leader, and never comes back. */
  readonly epoch: string;
  /** Aborted when the term is lost or the process stops. */
  readonly signal: AbortSignal;
  /**
   * Proves, on database time and within the caller's transaction, that the term still holds, and
   * keeps a rival out until that transaction has ended.
   *
   * @throws TermLost
   */
  assertHeld(manager: EntityManager): Promise<void>;
}

/** A term that was not left: the process has to end, since nobody knows what it still does. */
export class StuckLeader extends Error {
  constructor(name: string) {
    super(`The ${name} did not stop when its term had ended: an engine fell silent`);
    this.name = 'StuckLeader';
  }
}

/** Somebody else leads by now: whatever was under way must not be written. */
export class TermLost extends Error {
  constructor(name: string) {
    super(`The leadership of ${name} is lost`);
    this.name = 'TermLost';
  }
}

/** Milliseconds between two looks at most: how long nobody leads after a leader that has resigned. */
const lookEveryMs = 500;

export interface LeadershipOptions {
  /** What is led, e.g. `relay`. */
  readonly name: string;
  readonly dataSource: DataSource;
  /** Milliseconds that a term lasts without renewal. */
  readonly termMs: number;
  /** Ends the candidacy; a held term is given back. */
  readonly signal: AbortSignal;
}

/**
 * Stands as a candidate until the signal: at most one process leads, by a row that expires on
 * database time. While leading it runs `lead`; when that ends or throws, or the term is lost, it
 * stands again.
 *
 * @param lead must stop soon after its term's signal; what it throws beside TermLost ends the
 *   candidacy and reaches the caller
 * @throws StuckLeader when it doesn't stop within one more term
 */
export async function runAsLeader(
  options: LeadershipOptions,
  lead: (term: Term) => Promise<void>,
): Promise<void> {
  const holder = randomUUID();
  const thirdMs = options.termMs / 3;
  const candidacy = new Candidacy(options.name);
  leads.set({ name: options.name }, 0);
  try {
    while (!options.signal.aborted) {
      let pauseMs = Math.min(thirdMs, lookEveryMs);
      const epoch = await acquire(options, holder).catch((error: unknown) => {
        candidacy.failed(error);
        pauseMs = thirdMs;
        return 'unknown' as const;
      });
      if (epoch !== 'unknown') {
        candidacy.isKnown(epoch);
        if (epoch !== undefined) await serve(options, holder, epoch, lead);
        candidacy.standBy();
      }
      await pause(pauseMs * (0.5 + Math.random()), options.signal);
    }
  } finally {
    candidacy.end();
    // Of what nobody leads any more, by anybody's decision, no alert must say that it has no leader.
    leads.remove({ name: options.name });
  }
}

async function serve(
  options: LeadershipOptions,
  holder: string,
  epoch: string,
  lead: (term: Term) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const term: Term = {
    epoch,
    signal,
    assertHeld: (manager) => assertHeld(manager, options.name, holder, epoch),
  };
  leads.set({ name: options.name }, 1);
  terms.inc({ name: options.name });
  const renewal = renew(options, holder, epoch, signal).finally(() => ending.abort());
  try {
    await Promise.race([lead(term), stuck(options, signal)]);
  } catch (error) {
    if (!(error instanceof TermLost)) throw error;
  } finally {
    leads.set({ name: options.name }, 0);
    ending.abort();
    await renewal;
    await resign(options, holder, epoch).catch(() => undefined);
  }
}

/** Rejects when the signal was given a whole term ago; a statement that is never answered does that. */
async function stuck({ name, termMs }: LeadershipOptions, signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  await wait(termMs, undefined, { ref: false });
  throw new StuckLeader(name);
}

/** Returns when the signal is aborted or the term can't be known to hold any more. */
async function renew(
  { dataSource, name, termMs }: LeadershipOptions,
  holder: string,
  epoch: string,
  signal: AbortSignal,
): Promise<void> {
  let heldUntil = Date.now() + termMs;
  while (!signal.aborted && Date.now() < heldUntil) {
    await pause(termMs / 3, signal);
    const asked = Date.now();
    const renewing = queryWithin<[unknown, number]>(
      dataSource,
      heldUntil - asked,
      `UPDATE runtime.leadership
          SET expires_at = clock_timestamp() + $4 * interval '1 millisecond'
        WHERE name = $1 AND holder = $2 AND epoch = $3 AND expires_at > clock_timestamp()`,
      [name, holder, epoch, termMs],
    );
    const renewed = await renewing
      .then(([, count]) => count === 1)
      // Not known: the term is kept for as long as it was granted.
      .catch(() => undefined);
    if (renewed === false) return;
    if (renewed) heldUntil = asked + termMs;
  }
}

/** Takes no lock while somebody leads: the leader's transactions hold the row, and looks are many. */
async function acquire(
  { dataSource, name, termMs }: LeadershipOptions,
  holder: string,
): Promise<string | undefined> {
  const held = await queryWithin<{ epoch: string }[]>(
    dataSource,
    termMs,
    `INSERT INTO runtime.leadership AS held (name, holder, epoch, expires_at)
     SELECT $1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond'
      WHERE NOT EXISTS (SELECT FROM runtime.leadership
                         WHERE name = $1 AND expires_at > clock_timestamp())
     ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder, epoch = held.epoch + 1, expires_at = excluded.expires_at
      WHERE held.expires_at <= clock_timestamp()
     RETURNING epoch`,
    [name, holder, termMs],
  );
  return held[0]?.epoch;
}

async function resign(
  { dataSource, name, termMs }: LeadershipOptions,
  holder: string,
  epoch: string,
): Promise<void> {
  await queryWithin(
    dataSource,
    termMs,
    `UPDATE runtime.leadership SET expires_at = clock_timestamp()
      WHERE name = $1 AND holder = $2 AND epoch = $3`,
    [name, holder, epoch],
  );
}

async function assertHeld(
  manager: EntityManager,
  name: string,
  holder: string,
  epoch: string,
): Promise<void> {
  const rows: unknown[] = await manager.query(
    `SELECT 1 FROM runtime.leadership
      WHERE name = $1 AND holder = $2 AND epoch = $3 AND expires_at > clock_timestamp()
        FOR SHARE`,
    [name, holder, epoch],
  );
  if (rows.length === 0) throw new TermLost(name);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
