import { platforms } from '../channel/platform';
import { isGrantRevocable } from './grant-revocation';

describe('Whether a grant can be withdrawn', () => {
  const revocable = (...configured: Parameters<typeof isGrantRevocable>[1]) =>
    platforms.filter((platform) => isGrantRevocable(platform, configured));

  it('is no where nothing is configured', () => {
    expect(revocable()).toEqual([]);
  });

  it('is yes for the platforms of a provider that is configured, and for no other', () => {
    expect(revocable('meta')).toEqual(['INSTAGRAM', 'FACEBOOK_PAGE']);
    expect(revocable('google', 'x')).toEqual(['X', 'YOUTUBE']);
    expect(revocable('tiktok')).toEqual(['TIKTOK_BUSINESS', 'TIKTOK_PERSONAL']);
  });

  it('is no where the platform documents no way, whatever is configured', () => {
    const all = revocable('google', 'tiktok', 'x', 'meta');
    expect(platforms.filter((platform) => !all.includes(platform))).toEqual([
      'LINKEDIN_PERSON',
      'LINKEDIN_COMPANY',
      'PINTEREST',
      'THREADS',
      'BLUESKY',
    ]);
  });
});
