import type { Members, RestAnswer } from '@app/testing';
import { aChannelId, anAccount, membersOf, RestClient, useTestBed } from '@app/testing';

const path = '/api/v1/social-accounts';

describe('A key that asks too often', () => {
  const bed = useTestBed({ patient: true });
  let members: Members;
  beforeAll(async () => {
    members = await membersOf(bed);
  });

  /** Two processes of the public API with these limits, and what to call them with. */
  async function startApis(limits: Readonly<Record<string, string>>): Promise<string[]> {
    return Promise.all(
      [1, 2].map(async () => (await bed.startRole('api', await bed.environment(limits))).url),
    );
  }
  const ask = (url: string, key: string): Promise<RestAnswer<{ code?: string }>> =>
    new RestClient(url, key).get(path);

  it('is refused by every process once the windows of all of them together are full', async () => {
    const [one, other] = (await startApis({
      RATE_LIMIT_SHORT_REQUESTS: '6',
      RATE_LIMIT_SHORT_MS: '3600000',
    })) as [string, string];
    const { key } = await members.admit();

    // Without a valid key it is nobody's request.
    expect((await ask(one, `${key.slice(0, -1)}-`)).status).toBe(401);
    const accountIds = Array.from({ length: 100 }, aChannelId);
    const bulk = await new RestClient(other, key).post(`${path}/bulk-disconnect`, {
      body: { accountIds },
    });
    expect(bulk.status).toBe(200);
    // Refused for another reason, it is a request all the same.
    expect((await new RestClient(one, key).get(`${path}/soc_1`)).status).toBe(400);

    const answers = [];
    for (const url of [one, other, one, other, one, other]) answers.push(await ask(url, key));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429, 429]);
    for (const { headers, body } of answers.slice(4)) {
      expect(body).toEqual({
        statusCode: 429,
        code: 'RATE_LIMITED',
        message: expect.any(String) as string,
        requestId: headers.get('x-request-id'),
      });
      const seconds = Number(headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(3_500);
      expect(seconds).toBeLessThanOrEqual(3_600);
    }
    expect((await ask(one, (await members.admit()).key)).status).toBe(200);
  });

  it('is let in again when its window has ended, until the longer one is full', async () => {
    const [url] = (await startApis({
      RATE_LIMIT_SHORT_REQUESTS: '2',
      RATE_LIMIT_SHORT_MS: '1800000',
      RATE_LIMIT_LONG_REQUESTS: '3',
      RATE_LIMIT_LONG_MS: '3600000',
    })) as [string];
    const { key } = await members.admit();
    const statuses = [];
    for (let n = 0; n < 5; n++) statuses.push((await ask(url, key)).status);
    expect(statuses).toEqual([200, 200, 429, 429, 429]);

    // However long a busy machine took for these: its time is over now.
    const dataSource = await bed.dataSource();
    await dataSource.query(
      `UPDATE access.rate_limits SET expires_at = clock_timestamp() WHERE key LIKE 'short:%'`,
    );
    // What was refused meanwhile did not fill the longer window.
    expect((await ask(url, key)).status).toBe(200);
    const { status, headers } = await ask(url, key);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_000);
  });

  it('is no key of a service: the internal API has no limit', async () => {
    const env = await bed.environment({ RATE_LIMIT_SHORT_REQUESTS: '1' });
    const { url } = await bed.startRole('internal', env);
    const client = new RestClient(url, await members.mintService(['connect']));
    const statuses = [];
    for (let n = 0; n < 3; n++) {
      const { status } = await client.post('/internal/v1/channels', { body: anAccount() });
      statuses.push(status);
    }
    // Without an Idempotency-Key.
    expect(statuses).toEqual([400, 400, 400]);
  });
});
