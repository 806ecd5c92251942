import type { RevocationPlatform } from './revocation-platform';
import {
  alreadyRevoked,
  fieldOf,
  isPlainSuccess,
  readOAuthError,
  revoked,
} from './revocation-platform';

/**
 * Google: a token is the whole credential, and takes the person's whole grant with it; 200 when it is
 * done, 400 with an error code when not, which is `invalid_token` for a token that was revoked before.
 * https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
 */
export const google: RevocationPlatform = {
  documentedUrl: 'https://oauth2.googleapis.com/revoke',
  needs: [],
  takes: 'refresh or access',
  request: ({ token }) => ({ method: 'POST', form: { token } }),
  read(answer) {
    if (isPlainSuccess(answer)) return revoked;
    const isGone = answer.status === 400 && fieldOf(answer.json, 'error') === 'invalid_token';
    return isGone ? alreadyRevoked : readOAuthError(answer);
  },
};
