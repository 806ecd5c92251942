import { Buffer } from 'node:buffer';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

/** @typedef {{ perSecond: number, p50: number, p99: number }} Round milliseconds but for the rate */

/**
 * Sends one DELETE for each id, so many at once, each sender with a key of its own.
 *
 * @param {string} url of the server
 * @param {readonly string[]} ids
 * @param {readonly string[]} secrets one for each sender: as many at once
 * @returns {Promise<Round>}
 * @throws Error for an answer other than 200 with a DISCONNECTED row of that id
 */
export async function disconnectAll(url, ids, secrets) {
  const agent = new Agent({ keepAlive: true, maxSockets: secrets.length });
  const waiting = ids.values();
  const latencies = [];
  const begun = performance.now();
  const send = async (secret) => {
    for (const id of waiting) {
      const sent = performance.now();
      const { status, body } = await call(agent, `${url}/api/v1/social-accounts/${id}`, secret);
      latencies.push(performance.now() - sent);
      const row = JSON.parse(body);
      if (status !== 200 || row.id !== id || row.status !== 'DISCONNECTED') {
        throw new Error(`${url} answered ${status} ${body}`);
      }
    }
  };
  await Promise.all(secrets.map(send));
  const seconds = (performance.now() - begun) / 1_000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  return {
    perSecond: ids.length / seconds,
    p50: latencies[Math.floor(latencies.length * 0.5)],
    p99: latencies[Math.floor(latencies.length * 0.99)],
  };
}

/**
 * Sends single DELETEs over connections that are kept.
 *
 * @param {string} url of the server
 * @throws Error for an answer other than 200
 */
export function openDeleter(url) {
  const agent = new Agent({ keepAlive: true });
  const send = async (id, secret) => {
    const { status, body } = await call(agent, `${url}/api/v1/social-accounts/${id}`, secret);
    if (status !== 200) throw new Error(`${url} answered ${status} ${body}`);
  };
  send.close = () => agent.destroy();
  return send;
}

function call(agent, url, secret) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${secret}` };
    const sent = request(url, { method: 'DELETE', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}
