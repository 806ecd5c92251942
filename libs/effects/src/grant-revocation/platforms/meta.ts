import { createHmac } from 'node:crypto';
import type { PlatformAnswer, RevocationAnswer, RevocationPlatform } from './revocation-platform';
import { alreadyRevoked, fieldOf, retry, revoked } from './revocation-platform';

/** Subcodes of a code 190 that say that the token is dead, and not that the grant is. */
const deadTokens: Readonly<Record<number, string>> = {
  459: 'the person has to log in at Facebook first',
  460: 'the password was changed',
  463: 'expired',
  464: 'an unconfirmed user',
  467: 'expired, revoked or otherwise invalid: which of them, it does not say',
};

/**
 * Meta: taking back all permissions of a person takes the app off their account, and every page's
 * and every Instagram account's token on that login with it.
 * https://developers.facebook.com/docs/graph-api/reference/user/permissions/
 * https://developers.facebook.com/docs/graph-api/guides/error-handling (190, and its subcodes)
 * https://developers.facebook.com/docs/graph-api/guides/secure-requests (the proof)
 */
export const meta: RevocationPlatform = {
  documentedUrl: 'https://graph.facebook.com/v25.0/me/permissions',
  needs: [],
  // There is no refresh token, but a page's token may be kept beside the person's own.
  takes: 'refresh or access',
  request({ token }, { clientSecret }) {
    const headers = { authorization: `Bearer ${token}` };
    if (clientSecret === undefined) return { method: 'DELETE', headers };
    const proof = createHmac('sha256', clientSecret).update(token).digest('hex');
    return { method: 'DELETE', headers, query: { appsecret_proof: proof } };
  },
  read(answer) {
    const { status, json } = answer;
    const isDone = json === true || fieldOf(json, 'success') === true;
    if (status === 200) {
      const isClear = isDone && fieldOf(json, 'error') === undefined;
      return isClear ? revoked : retry('unclear_answer');
    }
    return readGraphError(answer);
  },
};

function readGraphError({ status, json }: PlatformAnswer): RevocationAnswer {
  const error = fieldOf(json, 'error');
  if (status < 400 || typeof fieldOf(error, 'code') !== 'number') return retry('unclear_answer');
  if (fieldOf(error, 'code') !== 190) return retry('refused');
  const subcode = String(fieldOf(error, 'error_subcode'));
  return Object.hasOwn(deadTokens, subcode) ? retry('token_unusable') : alreadyRevoked;
}
