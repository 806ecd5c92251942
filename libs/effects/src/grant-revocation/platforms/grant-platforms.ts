import type { Platform, RevocableProvider } from '@app/domain';
import { revocableProviderOf } from '@app/domain';
import { inSpan } from '@app/observability';
import type { LastTokens, RevocationToken } from '@app/token-vault';
import { callPlatform } from './call-platform';
import { google } from './google';
import { meta } from './meta';
import type {
  ClientCredentials,
  RevocationAnswer,
  RevocationPlatform,
} from './revocation-platform';
import { retry } from './revocation-platform';
import { tiktok } from './tiktok';
import { x } from './x';

/** How each provider withdraws a grant: one of the domain that has none doesn't compile. */
export const revocationPlatforms: Readonly<Record<RevocableProvider, RevocationPlatform>> = {
  google,
  tiktok,
  x,
  meta,
};

/** Where a provider is called, and as whom. */
export interface ConfiguredProvider extends ClientCredentials {
  readonly url: URL;
}

/** The platforms on which grants are withdrawn here. */
export class GrantPlatforms {
  constructor(
    private readonly configured: ReadonlyMap<RevocableProvider, ConfiguredProvider>,
    /** Milliseconds that one call may take. */
    readonly timeoutMs: number,
  ) {}

  supports(platform: Platform): boolean {
    return this.providerOf(platform) !== undefined;
  }

  /**
   * The one token that a call needs; undefined when there is none that can do it. An access token
   * that has run out can't: the platform would call it invalid, and the grant would stand.
   */
  choose(platform: Platform, tokens: LastTokens): RevocationToken | undefined {
    const provider = this.providerOf(platform);
    if (!provider) return undefined;
    const { accessToken, refreshToken, hasExpired } = tokens;
    const takesRefresh = revocationPlatforms[provider].takes === 'refresh or access';
    if (takesRefresh && refreshToken !== null) return { kind: 'refresh', token: refreshToken };
    return hasExpired ? undefined : { kind: 'access', token: accessToken };
  }

  /**
   * Asks the platform to withdraw the grant that a token stands for. Safe to repeat.
   *
   * @throws the signal's reason once it is given
   */
  async revoke(
    platform: Platform,
    token: RevocationToken,
    signal: AbortSignal,
  ): Promise<RevocationAnswer> {
    const provider = this.providerOf(platform);
    if (!provider) return { kind: 'unsupported' };
    const { url, ...credentials } = this.configured.get(provider)!;
    const request = revocationPlatforms[provider].request(token, credentials);
    // No trace context of ours goes out to a platform, and nothing of the call into the trace but to whom.
    const info = {
      name: `revoke ${provider}`,
      kind: 'client',
      attributes: { 'http.request.method': request.method, 'server.address': url.hostname },
    } as const;
    return inSpan(info, async (span) => {
      const answer = await callPlatform(url, request, { timeoutMs: this.timeoutMs, signal });
      const isRefused = typeof answer === 'string';
      const read = isRefused ? retry(answer) : revocationPlatforms[provider].read(answer);
      if (!isRefused) span?.set({ 'http.response.status_code': answer.status });
      span?.set({
        'postbreeze.revocation.answer': read.kind === 'retry' ? read.reason : read.kind,
      });
      return read;
    });
  }

  private providerOf(platform: Platform): RevocableProvider | undefined {
    const provider = revocableProviderOf(platform);
    return provider !== null && this.configured.has(provider) ? provider : undefined;
  }
}
