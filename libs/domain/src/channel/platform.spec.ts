import { grantProviderOf, platforms } from './platform';

describe('a platform', () => {
  it('belongs to the provider whose grants it shares', () => {
    const providers = Object.fromEntries(platforms.map((it) => [it, grantProviderOf(it)]));
    expect(providers).toEqual({
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
    });
  });
});
