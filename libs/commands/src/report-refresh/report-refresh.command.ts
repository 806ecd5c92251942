import { Command } from '@nestjs/cqrs';
import type { ChannelId } from '@app/domain';

/** The platform gave new tokens. */
export interface RefreshSucceeded {
  readonly outcome: 'REFRESHED';
  /** The version that was refreshed, as its lease named it. */
  readonly version: number;
  readonly accessToken: string;
  /** undefined: the platform gave no new one, so the former goes on (RFC 6749, section 6). */
  readonly refreshToken: string | null | undefined;
  /** ISO 8601 UTC; null when the access token never ends. */
  readonly tokenExpiresAt: string | null;
}

/** The platform gave none. */
export interface RefreshFailed {
  readonly outcome: 'FAILED';
  /** null when the reporter doesn't know it. */
  readonly version: number | null;
  /** The platform's HTTP status; null when it didn't answer. */
  readonly platformStatus: number | null;
  /** The platform's own error code. */
  readonly code: string;
  /** As the platform words it; scrubbed before it is kept. */
  readonly reason: string;
  /** The platform says that trying again is useless. */
  readonly permanent: boolean;
}

/** What became of the report; the same for the same report again. */
export interface ReportedRefresh {
  readonly accountId: ChannelId;
  readonly outcome: 'REFRESHED' | 'FAILED';
  /** What the channel is by this report. */
  readonly status: 'ACTIVE' | 'TOKEN_EXPIRED';
  /** That the vault holds after it; null when a failure came without one. */
  readonly version: number | null;
}

/** Who tells it. */
export interface RefreshReporter {
  /** Of the service. */
  readonly credentialId: string;
  /** The refresh lease that it held, which ends with the report; null when it doesn't say. */
  readonly leaseId: string | null;
}

/** Tells how a refresh of a channel's tokens went. */
export class ReportRefresh extends Command<ReportedRefresh> {
  constructor(
    readonly channelId: ChannelId,
    readonly report: RefreshSucceeded | RefreshFailed,
    readonly reporter: RefreshReporter,
    /** Of the request; becomes the correlation id of everything that follows. */
    readonly requestId: string,
  ) {
    super();
  }
}
