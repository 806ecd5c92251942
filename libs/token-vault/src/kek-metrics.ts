import { Injectable, Module } from '@nestjs/common';
import { Settings } from '@app/config';
import type { Reading, Sample } from '@app/observability';
import { gauge, MetricsModule, Scrapes } from '@app/observability';
import { KekProvider } from './kek-provider';
import { TokenSealingModule } from './token-vault.module';

const age = gauge({
  name: 'postbreeze_kek_age_seconds',
  help: 'Age of the key-encryption key that seals.',
});
const rotation = gauge({
  name: 'postbreeze_kek_rotation_interval_seconds',
  help: 'After how long another key-encryption key has to seal: KEK_ROTATION_HOURS.',
});
const retired = gauge({
  name: 'postbreeze_kek_retired_seconds',
  help: 'Since when the longest retired key-encryption key is retired; 0 when none is there.',
});
const destruction = gauge({
  name: 'postbreeze_kek_destroy_after_seconds',
  help: 'After how long a retired key-encryption key has to be destroyed: KEK_DESTROY_AFTER_HOURS.',
});

const hourSeconds = 3_600;

/** The ages of the keys, by the key file; never a key or its id. */
@Injectable()
class KekReading implements Reading {
  readonly name = 'keks';
  readonly gauges = [age, rotation, retired, destruction];

  constructor(
    scrapes: Scrapes,
    private readonly keks: KekProvider,
    private readonly settings: Settings,
  ) {
    scrapes.add(this);
  }

  async read(): Promise<Sample[]> {
    const keks = await this.keks.list();
    const secondsSince = (time: Date): number => Math.max(0, (Date.now() - time.getTime()) / 1_000);
    const sealing = keks.filter(({ retiredAt }) => retiredAt === null);
    const retiredFor = keks.flatMap(({ retiredAt }) =>
      retiredAt ? [secondsSince(retiredAt)] : [],
    );
    const { kekRotationHours, kekDestroyAfterHours } = this.settings;
    return [
      ...sealing.map(({ createdAt }) => ({ of: age, value: secondsSince(createdAt) })),
      { of: rotation, value: kekRotationHours * hourSeconds },
      { of: retired, value: Math.max(0, ...retiredFor) },
      { of: destruction, value: kekDestroyAfterHours * hourSeconds },
    ];
  }
}

@Module({ imports: [MetricsModule, TokenSealingModule], providers: [KekReading] })
export class KekMetricsModule {}
