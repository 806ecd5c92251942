import { pathOfCredential, problemOfMeta } from '@app/domain';
import { MetaRefused, TextHoldsCredential } from './command-errors';
import type { AccountToConnect } from './connect-channel/connect-channel.command';

type Recorded = Pick<AccountToConnect, 'tokens' | 'scopes'> & Partial<AccountToConnect>;

/**
 * Refuses an account whose texts would carry a credential into an event, where it would stay.
 *
 * @throws MetaRefused, TextHoldsCredential
 */
export function refuseCredentials({ tokens, scopes, meta, ...account }: Recorded): void {
  const secrets = [tokens.accessToken, tokens.refreshToken ?? ''];
  const problem = meta && problemOfMeta(meta, secrets);
  if (problem) throw new MetaRefused(problem);

  const { externalId, handle, displayName, avatarUrl, defaultBoardId } = account;
  const texts = { externalId, handle, displayName, avatarUrl, defaultBoardId };
  const given = Object.entries(texts).map(([path, text]) => [path, text ?? null] as const);
  const listed = scopes.map((scope, index) => [`scopes[${index}]`, scope] as const);
  const path = pathOfCredential(Object.fromEntries([...given, ...listed]), secrets);
  if (path !== undefined) throw new TextHoldsCredential(path);
}
