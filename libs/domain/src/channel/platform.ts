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
