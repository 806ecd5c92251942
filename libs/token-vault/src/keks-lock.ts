import type { EntityManager } from 'typeorm';

/** Two numbers name an advisory lock; these have no meaning but to be nobody else's. */
const lock = '1447119700, 1';

/**
 * Held to the end of the caller's transaction by whoever seals: while anybody does, no other key
 * becomes the one that seals. So once a key was retired, no row is ever sealed under it again, and
 * a rotation has seen them all.
 */
export async function lockForSealing(manager: EntityManager): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock_shared(${lock})`);
}

/** Held to the end of the caller's transaction by whoever makes or destroys keys: one at a time. */
export async function lockForChangingKeks(manager: EntityManager): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock(${lock})`);
}
