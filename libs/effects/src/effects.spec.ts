import { Test } from '@nestjs/testing';
import { Settings } from '@app/config';
import { consumerGroupOf } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import { TokenVault } from '@app/token-vault';
import type { Effect } from './effect';
import { RevocationRequest } from './grant-revocation/revocation-request';
import { effectClasses, EFFECTS, effectsProvider } from './effects';

describe('The wiring of the effects', () => {
  it('has exactly one provider for each effect of the domain', async () => {
    const container = await Test.createTestingModule({
      providers: [
        ...Object.values(effectClasses),
        effectsProvider,
        TokenVault,
        Settings,
        { provide: RevocationRequest, useValue: {} },
      ],
    }).compile();

    const effects = container.get<readonly Effect[]>(EFFECTS);
    expect(effects.map(({ name }) => name)).toEqual([...announcedEffects]);
    for (const name of announcedEffects) {
      expect(container.get<Effect>(effectClasses[name]).name).toBe(name);
    }
    await container.close();
  });

  it('has a consumer group of its own for each effect', () => {
    expect(announcedEffects.map(consumerGroupOf)).toEqual([
      'postbreeze.token-wipe',
      'postbreeze.analytics-purge',
      'postbreeze.comments-purge',
      'postbreeze.schedule-cancel',
    ]);
  });
});
