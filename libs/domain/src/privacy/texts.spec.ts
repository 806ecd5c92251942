import { pathOfCredential } from './texts';

describe('A text of an account', () => {
  const tokens = ['access-5f3c2b1a9d', 'refresh-77aa88bb'];

  it.each([
    ['handle', 'by access-5f3c2b1a9d'],
    ['displayName', 'refresh-77aa88bb'],
    ['avatarUrl', 'https://graph.example/1/picture?type=large&access_token=anything'],
    ['avatarUrl', 'https://cdn.example/a.png#sig;api_key=1'],
  ])('in %s that is "%s" is found to hold a credential', (path, text) => {
    expect(pathOfCredential({ externalId: '1', other: null, [path]: text }, tokens)).toBe(path);
  });

  it.each([
    '@brand',
    'https://cdn.example/p/50x50/1.jpg?oh=00_AYBf3&oe=65F0&stp=dst-jpg',
    'instagram_content_publish',
    'https://www.googleapis.com/auth/youtube.upload',
  ])('that is "%s" holds none', (text) => {
    expect(pathOfCredential({ text, nothing: null }, [...tokens, ''])).toBeUndefined();
  });
});
