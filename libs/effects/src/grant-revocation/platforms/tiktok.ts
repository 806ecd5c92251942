import type { RevocationPlatform } from './revocation-platform';
import {
  alreadyRevoked,
  fieldOf,
  isPlainSuccess,
  readOAuthError,
  revoked,
} from './revocation-platform';

/**
 * TikTok: takes the access token; an empty answer when it is done, else an error, also with 200.
 * https://developers.tiktok.com/docs/en/oauth-revoke-a-user-access-token
 * https://developers.tiktok.com/doc/oauth-error-handling (`invalid_grant`: invalid, expired, revoked)
 * https://developers.tiktok.com/doc/tiktok-api-v2-error-handling (`access_token_invalid`)
 */
export const tiktok: RevocationPlatform = {
  documentedUrl: 'https://open.tiktokapis.com/v2/oauth/revoke/',
  needs: ['clientId', 'clientSecret'],
  takes: 'access',
  request: ({ token }, { clientId, clientSecret }) => ({
    method: 'POST',
    form: { client_key: clientId!, client_secret: clientSecret!, token },
  }),
  read(answer) {
    if (isPlainSuccess(answer)) return revoked;
    const error = fieldOf(answer.json, 'error');
    const code = typeof error === 'object' ? fieldOf(error, 'code') : error;
    const isGone = code === 'invalid_grant' || code === 'access_token_invalid';
    return isGone && answer.status >= 400 ? alreadyRevoked : readOAuthError(answer);
  },
};
