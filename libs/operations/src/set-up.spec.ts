import { loadSettings } from '@app/config';
import { settingUp } from './set-up';

describe('A set-up that no database answers', () => {
  // Nothing listens on port 1.
  const settings = loadSettings('ops setup', {
    DATABASE_URL: 'postgres://user:hush@127.0.0.1:1/channels',
    KAFKA_BROKERS: '127.0.0.1:1',
  });

  it('says which, and what to do, without its password', async () => {
    const applied = settingUp(settings).apply({ actor: 'tests', reason: 'a test' });
    await expect(applied).rejects.toThrow(
      /^PostgreSQL at postgres:\/\/127\.0\.0\.1:1\/channels can't be used: .*ECONNREFUSED 127\.0\.0\.1:1\. Start it, or set DATABASE_URL$/,
    );
  });
});
