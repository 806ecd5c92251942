import { Command } from '@nestjs/cqrs';
import type { ChannelId, ChannelRow } from '@app/domain';

/** The platform withdrew the grant: REVOKED until somebody reauthorizes. A repeat changes nothing. */
export class ReportAccessRevoked extends Command<ChannelRow> {
  constructor(
    readonly channelId: ChannelId,
    /** Opaque id of the credential that reports it. */
    readonly credentialId: string,
    /** Of the request; becomes the correlation id of everything that follows. */
    readonly requestId: string,
  ) {
    super();
  }
}
