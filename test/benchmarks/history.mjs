import { createRequire } from 'node:module';
import { ulid } from 'ulid';

const built = createRequire(new URL('../../dist/', import.meta.url));
const { channelStream, disconnectionStream } = built('./libs/event-store/src');
const { planDisconnection } = built('./libs/domain/src');

/** Appends at the same time: enough that the store's disk is never waited for. */
const writers = 64;
/** Channels that live at the same time; whoever ends makes room for another one. */
const alive = 5_000;

const context = { correlationId: 'bench', causationId: 'bench', actor: 'usr_bench' };

/**
 * A recorded history of at least so many events: each channel is connected, refreshed several times, and
 * in the end disconnected, with its outcomes; thousands of them at the same time, so that the events of
 * one channel lie far apart.
 *
 * @param {number} wanted
 * @param {{ lives?: number }} [options] channels alive at the same time
 * @returns {Promise<number>} how many were written
 */
export async function recordHistory(events, wanted, { lives = alive } = {}) {
  const living = Array.from({ length: lives }, (_, n) => life(n % 9));
  let [written, turn] = [0, 0];
  const busy = new Set();
  const write = async () => {
    while (written < wanted) {
      const place = turn++ % living.length;
      if (busy.has(place)) continue;
      const step = living[place].next();
      if (step.done) {
        living[place] = life();
        continue;
      }
      const { stream, revision, batch } = step.value;
      written += batch.length;
      busy.add(place);
      await events.append(stream, revision < 0 ? 'no_stream' : revision, batch, context);
      busy.delete(place);
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return written;
}

/** What happens to one channel, step by step. Some have begun longer ago than others. */
function* life(refreshes = 8) {
  const ids = { channelId: `soc_${ulid()}`, workspaceId: `ws_${ulid()}`, platform: 'INSTAGRAM' };
  const stream = channelStream(ids.channelId);
  let now = Date.parse('2026-10-01T08:00:00.000Z');
  const later = () => new Date((now += 3_600_000)).toISOString();
  let revision = -1;
  const one = (type, data) => ({ stream, revision: revision++, batch: [{ type, data }] });

  yield one('ChannelConnected', connected(ids, later()));
  for (let n = 0; n < refreshes; n++) {
    const at = later();
    yield n % 5 === 3
      ? one('ChannelTokenRefreshFailed', {
          ...ids,
          ...{ attemptedAt: at, reason: 'temporarily_unavailable', platformStatus: 503 },
          permanent: false,
        })
      : one('ChannelTokenRefreshed', {
          channelId: ids.channelId,
          ...{ tokenExpiresAt: at, refreshedAt: at, tokenVersion: n + 2 },
        });
  }
  const at = later();
  const plan = planDisconnection(at, 20);
  yield one('ChannelDisconnected', {
    ...ids,
    ...{ requestedAt: at, requestedBy: 'usr_bench', reason: 'USER_REQUEST', plan },
  });
  yield {
    stream: disconnectionStream(ids.channelId),
    revision: -1,
    batch: outcomes(ids, plan, later()),
  };
}

function connected(ids, at) {
  return {
    ...ids,
    ...{ externalId: ids.channelId, handle: '@brand', displayName: 'Brand', avatarUrl: null },
    ...{ scopes: ['instagram_basic', 'instagram_content_publish'], meta: { board: 'main' } },
    ...{ defaultBoardId: null, grantRef: 'a0'.repeat(32), grantedAt: at, tokenExpiresAt: null },
    ...{ connectedAt: at, connectedBy: 'usr_bench' },
  };
}

function outcomes({ channelId, workspaceId, platform }, plan, at) {
  const whose = { channelId, workspaceId, platform };
  return [
    ...plan.map(({ effect }) => ({
      type: 'EffectFinished',
      data: {
        ...{ channelId, effect, status: 'DONE', counts: {}, attempts: 1 },
        ...{ firstAttemptAt: at, finishedAt: at, evidence: {} },
      },
    })),
    { type: 'DisconnectionCompleted', data: { ...whose, completedAt: at } },
  ];
}
