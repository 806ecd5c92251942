import type { Platform } from '../channel/platform';

/** Whose grants can be withdrawn by a call, as settings and files name them. */
export type RevocableProvider = 'google' | 'tiktok' | 'x' | 'meta';

/**
 * Which provider's call withdraws the grant of a platform's channels; null where none is documented.
 * Threads and Instagram's own login have tokens of their own hosts, which document none: a channel of
 * INSTAGRAM is on a Facebook login.
 */
const providers: Readonly<Record<Platform, RevocableProvider | null>> = {
  INSTAGRAM: 'meta',
  FACEBOOK_PAGE: 'meta',
  THREADS: null,
  X: 'x',
  LINKEDIN_PERSON: null,
  LINKEDIN_COMPANY: null,
  TIKTOK_BUSINESS: 'tiktok',
  TIKTOK_PERSONAL: 'tiktok',
  YOUTUBE: 'google',
  PINTEREST: null,
  BLUESKY: null,
};

/** null: the platform documents no way to withdraw a grant. */
export function revocableProviderOf(platform: Platform): RevocableProvider | null {
  return providers[platform];
}

/**
 * Whether the platform documents a way to withdraw a grant, and it is configured: the one place that
 * decides it.
 *
 * @param configured the providers whose grants are withdrawn here
 */
export function isGrantRevocable(
  platform: Platform,
  configured: readonly RevocableProvider[],
): boolean {
  const provider = revocableProviderOf(platform);
  return provider !== null && configured.includes(provider);
}
