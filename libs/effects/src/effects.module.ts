import { Module } from '@nestjs/common';
import { EventStoreModule } from '@app/event-store';
import { KafkaModule } from '@app/kafka';
import { RegistryModule } from '@app/registry';
import { TokenVaultModule } from '@app/token-vault';
import { effectClasses, EFFECTS, effectsProvider } from './effects';
import { GrantRevocationModule } from './grant-revocation/grant-revocation.module';
import { DisconnectionWatch } from './reconciler/disconnection-watch';
import { Reconciler } from './reconciler/reconciler';
import { Survivors } from './reconciler/survivors';
import { EffectWorker } from './runtime/effect-worker';
import { EffectsRuntime } from './runtime/effects-runtime';
import { Inbox } from './runtime/inbox';
import { Recorder } from './runtime/recorder';
import { Redrive } from './runtime/redrive';
import { Sweep } from './runtime/sweep';

/** Kafka to effects. Starts nothing by itself: whoever has the process runs `EffectsRuntime`. */
@Module({
  imports: [EventStoreModule, KafkaModule, RegistryModule, TokenVaultModule, GrantRevocationModule],
  providers: [
    ...Object.values(effectClasses),
    effectsProvider,
    Inbox,
    EffectWorker,
    Recorder,
    Redrive,
    Sweep,
    Reconciler,
    DisconnectionWatch,
    Survivors,
    EffectsRuntime,
  ],
  exports: [
    EFFECTS,
    GrantRevocationModule,
    Inbox,
    EffectWorker,
    Recorder,
    Redrive,
    Sweep,
    Reconciler,
    DisconnectionWatch,
    Survivors,
    EffectsRuntime,
  ],
})
export class EffectsModule {}
