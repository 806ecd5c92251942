import type { Platform } from '../channel/platform';

/** The platforms where this release withdraws a grant: none, so no plan has such an effect. */
const revocable: ReadonlySet<Platform> = new Set();

/**
 * Whether the platform documents a way to withdraw a grant, and it is configured here: the one
 * place that decides it.
 */
export function isGrantRevocable(platform: Platform): boolean {
  return revocable.has(platform);
}
