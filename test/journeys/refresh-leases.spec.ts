import type { DataSource } from 'typeorm';
import type { Members } from '@app/testing';
import { anAccount, membersOf, useTestBed } from '@app/testing';
import { InternalService, outcomeOf } from '../support/internal-service';

const failure = {
  platformStatus: 503,
  code: 'temporarily_unavailable',
  reason: 'Try again',
  permanent: false,
};

describe('A refresh lease', () => {
  const bed = useTestBed({ patient: true });
  let members: Members;
  let dataSource: DataSource;
  let url: string;
  let service: InternalService;

  beforeAll(async () => {
    members = await membersOf(bed);
    dataSource = await bed.dataSource();
    const env = await bed.environment({ READ_MODEL_WAIT_MS: '0' });
    ({ url } = await bed.startRole('internal', env));
    service = await aService();
  });

  const aService = async () =>
    new InternalService(url, await members.mintService(['connect', 'lease', 'refresh']));
  async function connected(account = anAccount()): Promise<{ id: string }> {
    const { status, body } = await service.connect(account);
    expect(status).toBe(201);
    return body;
  }

  it('has one holder at a time, of 20 who ask at once', async () => {
    const { id } = await connected();
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.leaseRefresh(id)));
    const held = answers.filter((answer) => outcomeOf(answer) === '409 REFRESH_LEASE_HELD');
    const [granted] = answers.filter(({ status }) => status === 200);
    expect(held).toHaveLength(19);
    expect(granted!.body.refreshToken).toMatch(/^refresh-/);
    expect(new Set(held.map(({ body }) => body.heldUntil))).toEqual(new Set([granted!.body.until]));
    const ms = Date.parse(granted!.body.until!) - Date.now();
    expect(ms).toBeGreaterThan(30_000);
    expect(ms).toBeLessThanOrEqual(60_000);
  });

  it('ends with the report of how it went, a success or a failure', async () => {
    const { id } = await connected();
    await service.leaseRefresh(id);
    await service.report(id, { ...failure, version: 1 });
    const again = await service.leaseRefresh(id);
    expect([again.status, again.body.version]).toEqual([200, 1]);
    await service.refreshed(id, 'second', 1);
    const next = await service.leaseRefresh(id);
    expect(next.body).toMatchObject({ version: 2, refreshToken: 'next-second' });
  });

  it('is refused where the platform gave no refresh token', async () => {
    const tokens = { accessToken: 'only', refreshToken: null };
    const { id } = await connected(anAccount({ tokens }));
    expect(outcomeOf(await service.leaseRefresh(id))).toBe('409 NO_REFRESH_TOKEN');
    expect(outcomeOf(await service.leaseRefresh(id))).toBe('409 NO_REFRESH_TOKEN');
  });

  describe('of a report that names it', () => {
    /** The service's lease of that version, whose time is over, and the one that it took since. */
    async function twice() {
      const { id } = await connected();
      const former = (await service.leaseRefresh(id)).body.leaseId!;
      await dataSource.query(
        `UPDATE vault.leases SET until = clock_timestamp() - interval '1 second' WHERE id = $1`,
        [former],
      );
      const current = (await service.leaseRefresh(id)).body.leaseId!;
      return { id, former, current };
    }
    const hasEnded = async (leaseId: string): Promise<boolean> => {
      const rows: { ended: boolean }[] = await dataSource.query(
        'SELECT ended_at IS NOT NULL AS ended FROM vault.leases WHERE id = $1',
        [leaseId],
      );
      return rows[0]!.ended;
    };

    it('ends, although the same service has taken that version before', async () => {
      const { id, former, current } = await twice();
      await service.report(id, { ...failure, version: 1, leaseId: current });
      expect([await hasEnded(former), await hasEnded(current)]).toEqual([false, true]);
      expect(outcomeOf(await service.leaseRefresh(id))).toBe('200');
    });

    it('ends also without the version', async () => {
      const { id } = await connected();
      const { leaseId } = (await service.leaseRefresh(id)).body;
      await service.report(id, { ...failure, leaseId });
      expect(outcomeOf(await service.leaseRefresh(id))).toBe('200');
    });

    it("ends alone: a former holder's report, which comes late, leaves the present one", async () => {
      const { id, former, current } = await twice();
      await service.report(id, { ...failure, version: 1, leaseId: former });
      expect([await hasEnded(former), await hasEnded(current)]).toEqual([true, false]);
      expect(outcomeOf(await service.leaseRefresh(id))).toBe('409 REFRESH_LEASE_HELD');
    });

    it("is its own: another service's, another channel's and one to publish with stay", async () => {
      const { id } = await connected();
      const other = await connected();
      const mine = (await service.leaseRefresh(id)).body.leaseId!;
      const answer = await (await aService()).report(id, { ...failure, leaseId: mine });
      expect(outcomeOf(answer)).toBe('200');
      await service.report(other.id, { ...failure, leaseId: mine });
      const publishing = (await service.lease(id)).body.leaseId!;
      await service.report(id, { ...failure, leaseId: publishing });
      expect([await hasEnded(mine), await hasEnded(publishing)]).toEqual([false, false]);
      expect(outcomeOf(await service.report(id, { ...failure, leaseId: 'lease_1' }))).toBe(
        '400 VALIDATION_FAILED',
      );
    });

    it('ends with a success too, which answers the same without it', async () => {
      const { id } = await connected();
      const { leaseId } = (await service.leaseRefresh(id)).body;
      const success = { version: 1, tokens: { accessToken: 'second' } };
      const named = await service.report(id, { ...success, leaseId });
      expect([named.status, named.body.version]).toEqual([200, 2]);
      expect(await hasEnded(leaseId!)).toBe(true);
      const unnamed = await service.report(id, success);
      expect([unnamed.status, unnamed.body]).toEqual([200, named.body]);
    });
  });
});
