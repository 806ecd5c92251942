import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessModule } from '@app/access';
import { EventStoreModule } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { RegistryModule } from '@app/registry';
import { TokenSealingModule, TokenVaultModule } from '@app/token-vault';
import { BulkDisconnectHandler } from './bulk-disconnect/bulk-disconnect.handler';
import { Clock, SystemClock } from './clock';
import { CommandMetrics } from './command-metrics';
import { ClaimOpener } from './connect-channel/claim-opener';
import { ConnectAbandoner } from './connect-channel/connect-abandoner';
import { ConnectChannelHandler } from './connect-channel/connect-channel.handler';
import { DisconnectChannelHandler } from './disconnect-channel/disconnect-channel.handler';
import { InternalJobs } from './internal-jobs/internal-jobs';
import { StrandedChanges } from './internal-jobs/stranded-changes';
import { LeaseGate } from './lease-tokens/lease-gate';
import { LeaseTokensHandler } from './lease-tokens/lease-tokens.handler';
import { ReauthorizeChannelHandler } from './reauthorize-channel/reauthorize-channel.handler';
import { ReportAccessRevokedHandler } from './report-access-revoked/report-access-revoked.handler';
import { RefreshedTokens } from './report-refresh/refreshed-tokens';
import { ReportRefreshHandler } from './report-refresh/report-refresh.handler';
import { TokenEventFinisher } from './token-changes/token-event-finisher';
import { TokenReplacer } from './token-changes/token-replacer';
import { TracedCommands } from './traced-commands';

const clock = { provide: Clock, useClass: SystemClock };

/** What the public API may command: nothing here needs a key of the vault. */
@Module({
  imports: [CqrsModule, EventStoreModule, RegistryModule],
  providers: [
    clock,
    CommandMetrics,
    DisconnectChannelHandler,
    BulkDisconnectHandler,
    TracedCommands,
  ],
  exports: [CqrsModule],
})
export class PublicCommandsModule {}

/** What the internal API may command: it holds the vault's keys. */
@Module({
  imports: [
    AccessModule,
    CqrsModule,
    EventStoreModule,
    RegistryModule,
    TokenVaultModule,
    TokenSealingModule,
  ],
  providers: [
    clock,
    CheckpointStore,
    ClaimOpener,
    CommandMetrics,
    ConnectAbandoner,
    ConnectChannelHandler,
    InternalJobs,
    LeaseGate,
    LeaseTokensHandler,
    ReauthorizeChannelHandler,
    RefreshedTokens,
    ReportAccessRevokedHandler,
    ReportRefreshHandler,
    StrandedChanges,
    TokenEventFinisher,
    TokenReplacer,
    TracedCommands,
  ],
  exports: [CqrsModule, InternalJobs],
})
export class InternalCommandsModule {}
