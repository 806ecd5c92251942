/** The platforms that a channel can be on. */
export const platforms = [
  'INSTAGRAM',
  'FACEBOOK_PAGE',
  'X',
  'LINKEDIN_PERSON',
  'LINKEDIN_COMPANY',
  'TIKTOK_BUSINESS',
  'TIKTOK_PERSONAL',
  'YOUTUBE',
  'PINTEREST',
  'THREADS',
  'BLUESKY',
] as const;

export type Platform = (typeof platforms)[number];

/** Whose login a platform uses: one person's grant there may carry channels of several platforms. */
export type GrantProvider =
  'META' | 'X' | 'LINKEDIN' | 'TIKTOK' | 'GOOGLE' | 'PINTEREST' | 'BLUESKY';

const providers: Readonly<Record<Platform, GrantProvider>> = {
  INSTAGRAM: 'META',
  FACEBOOK_PAGE: 'META',
  THREADS: 'META',
  X: 'X',
  LINKEDIN_PERSON: 'LINKEDIN',
  LINKEDIN_COMPANY: 'LINKEDIN',
  TIKTOK_BUSINESS: 'TIKTOK',
  TIKTOK_PERSONAL: 'TIKTOK',
  YOUTUBE: 'GOOGLE',
  PINTEREST: 'PINTEREST',
  BLUESKY: 'BLUESKY',
};

/** The provider whose grants a platform's tokens belong to. */
export function grantProviderOf(platform: Platform): GrantProvider {
  return providers[platform];
}
