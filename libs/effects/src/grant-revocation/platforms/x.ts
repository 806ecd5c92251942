import type { RevocationPlatform } from './revocation-platform';
import { alreadyRevoked, fieldOf, readOAuthError, retry, revoked } from './revocation-platform';

/**
 * X: OAuth 2.0 token revocation, `{ "revoked": true }` when it is done. A confidential client is known
 * by basic authentication, a public one by its id; the hint is optional in RFC 7009, but X asks for it.
 * https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token
 * https://www.rfc-editor.org/rfc/rfc7009#section-2
 * https://github.com/pilcrowonpaper/arctic/issues/314
 */
export const x: RevocationPlatform = {
  documentedUrl: 'https://api.x.com/2/oauth2/revoke',
  needs: ['clientId'],
  takes: 'refresh or access',
  request({ token, kind }, { clientId, clientSecret }) {
    const form = { token, token_type_hint: `${kind}_token` };
    if (clientSecret === undefined) {
      return { method: 'POST', form: { ...form, client_id: clientId! } };
    }
    // RFC 6749, section 2.3.1: both are encoded as in a form before they are put together.
    const pair = [clientId!, clientSecret].map(encodeURIComponent).join(':');
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    return { method: 'POST', headers: { authorization }, form };
  },
  read(answer) {
    const { status, json } = answer;
    if (status === 200) {
      return fieldOf(json, 'revoked') === true ? revoked : retry('unclear_answer');
    }
    const error = fieldOf(json, 'error');
    const isGone = error === 'invalid_token' || error === 'invalid_grant';
    return isGone && status >= 400 ? alreadyRevoked : readOAuthError(answer);
  },
};
