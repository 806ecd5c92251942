import { createHmac } from 'node:crypto';
import type { PlatformAnswer, RevocationAnswer, RevocationPlatform } from './revocation-platform';
import { alreadyRevoked, fieldOf, retry, revoked } from './revocation-platform';

/** A code 190 that says that the token is dead, and not that the grant is. */
const deadTokens: ReadonlySet<unknown> = new Set([
  /** The person has to log in at Facebook first. */
  459 /** The password was changed. */, 460 /** Expired. */, 463 /** An unconfirmed user. */, 464,
]);

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
  return deadTokens.has(fieldOf(error, 'error_subcode')) ? retry('token_unusable') : alreadyRevoked;
}
