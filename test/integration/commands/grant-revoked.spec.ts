import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { ulid } from 'ulid';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import type { AccountToConnect } from '@app/commands';
import { ConnectChannel, InternalCommandsModule, ReauthorizeChannel } from '@app/commands';
import { ConfigModule } from '@app/config';
import { EventStoreModule } from '@app/event-store';
import { PersistenceModule } from '@app/persistence';
import { Grants } from '@app/registry';
import { aChannelId, anAccount, useTestBed, waitFor } from '@app/testing';

const refused = { code: 'GRANT_REVOKED' };

/** Far longer than a test: an intent without its answer. */
const callMs = 600_000;

describe('Tokens of a grant that is withdrawn', () => {
  const bed = useTestBed({ patient: true });
  const grants = new Grants();
  let bus: CommandBus;
  let dataSource: DataSource;

  beforeAll(async () => {
    const settings = await bed.settings('internal');
    const container = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(settings),
        PersistenceModule.forRoot(),
        EventStoreModule,
        InternalCommandsModule,
      ],
    }).compile();
    await container.init();
    bed.atEnd(() => container.close());
    bus = container.get(CommandBus);
    dataSource = container.get(DataSource);
  });

  const connect = (account: AccountToConnect, key = ulid()) =>
    bus.execute(new ConnectChannel(account, { credentialId: 'svc_test', key }, `req_${ulid()}`));
  const reauthorize = (id: string, account: AccountToConnect) =>
    bus.execute(new ReauthorizeChannel(id, account, `req_${ulid()}`));
  const refOf = async (id: string): Promise<string> =>
    (await grants.refOf(dataSource.manager, id))!;
  const now = async (): Promise<string> => {
    const [row]: { now: Date }[] = await dataSource.query('SELECT clock_timestamp() AS now');
    return row!.now.toISOString();
  };
  /** After everything so far: a time of the database is finer than a millisecond. */
  const soon = async (): Promise<string> => new Date(Date.parse(await now()) + 1).toISOString();
  const ahead = (): string => new Date(Date.now() + 2 * callMs).toISOString();

  /** A channel that has ended, and another account that the same person would connect. */
  async function endedGrant(): Promise<{ account: AccountToConnect; id: string; ref: string }> {
    const first = anAccount();
    const { id } = await connect(first);
    await end(id);
    const { grantSubject } = first;
    return { account: anAccount({ grantSubject }), id, ref: await refOf(id) };
  }
  const end = (id: string): Promise<unknown> =>
    dataSource.query(
      `INSERT INTO registry.endings (channel_id, kind, ended_at) VALUES ($1, 'disconnected', now())`,
      [id],
    );
  const begin = (ref: string, id: string, manager: EntityManager = dataSource.manager) =>
    manager === dataSource.manager
      ? dataSource.transaction((own) => grants.beginRevocation(own, ref, id, callMs))
      : grants.beginRevocation(manager, ref, id, callMs);

  const rowsAbout = async ({ externalId }: AccountToConnect): Promise<unknown[]> =>
    dataSource.query('SELECT id FROM registry.channels WHERE external_id = $1', [externalId]);

  it('are refused from the intent on, and nothing is stored, not even the key', async () => {
    const { account, id, ref } = await endedGrant();
    expect(await begin(ref, id)).toBeDefined();
    const key = ulid();
    await expect(connect({ ...account, grantedAt: await now() }, key)).rejects.toMatchObject(
      refused,
    );
    expect(await rowsAbout(account)).toEqual([]);
    const body = { ...account, grantedAt: ahead() };
    expect((await connect(body, key)).externalId).toBe(account.externalId);
  });

  it('are taken again once the platform has answered, if they were given after that', async () => {
    const { account, id, ref } = await endedGrant();
    const before = await now();
    const intent = await begin(ref, id);
    await grants.confirmRevocation(dataSource.manager, intent!);
    await expect(connect({ ...account, grantedAt: before })).rejects.toMatchObject(refused);
    const after = await soon();
    expect((await connect({ ...account, grantedAt: after })).status).toBe('ACTIVE');
  });

  it('are refused to a reauthorization too, which changes nothing', async () => {
    const { account, id, ref } = await endedGrant();
    const other = await connect(anAccount());
    const refBefore = await refOf(other.id);
    await begin(ref, id);
    const given = { ...account, grantedAt: await now() };
    await expect(reauthorize(other.id, given)).rejects.toMatchObject(refused);
    expect(await refOf(other.id)).toBe(refBefore);
    await reauthorize(other.id, { ...account, grantedAt: ahead() });
    expect(await refOf(other.id)).toBe(ref);
  });

  it.each(['connect', 'reauthorization'])('make a %s wait for an intent', async (how) => {
    const { account, id, ref } = await endedGrant();
    const other = await connect(anAccount());
    const given = { ...account, grantedAt: await now() };
    let racing: Promise<unknown>;
    await dataSource.transaction(async (manager) => {
      await begin(ref, id, manager);
      racing = how === 'connect' ? connect(given) : reauthorize(other.id, given);
      racing.catch(() => undefined);
      await waitFor(() => waiters(1), { what: 'who waits for the grant' });
    });
    await expect(racing!).rejects.toMatchObject(refused);
  });

  it('keep the grant: an intent waits for them, and then there is none', async () => {
    const { id, ref } = await endedGrant();
    let racing: Promise<unknown>;
    const opening = aChannelId();
    await dataSource.transaction(async (manager) => {
      expect(await grants.isRevokedSince(manager, ref, await now())).toBe(false);
      racing = begin(ref, id);
      await waitFor(() => waiters(1), { what: 'the intent that waits' });
      await manager.query(
        `INSERT INTO registry.channels (id, workspace_id, platform, external_id, grant_ref, state)
         VALUES ($1, 'ws', 'X', $1, $2, 'opening')`,
        [opening, ref],
      );
    });
    expect(await racing!).toBeUndefined();
    await end(opening);
    expect(await begin(ref, id)).toBeDefined();
  });

  it('are stored side by side: connects of one person never wait for each other', async () => {
    const { ref } = await endedGrant();
    await dataSource.transaction(async (one) => {
      await grants.isRevokedSince(one, ref, await now());
      await dataSource.transaction(async (other) => {
        await other.query(`SET LOCAL lock_timeout = '100ms'`);
        expect(await grants.isRevokedSince(other, ref, await now())).toBe(false);
      });
    });
  });

  it('stay refused while a second revocation is under way, whatever the first one heard', async () => {
    const { account, id, ref } = await endedGrant();
    const first = await begin(ref, id);
    const second = await begin(ref, id);
    await grants.confirmRevocation(dataSource.manager, first!);
    const given = { ...account, grantedAt: await soon() };
    await expect(connect(given)).rejects.toMatchObject(refused);
    await grants.confirmRevocation(dataSource.manager, second!);
    const after = await soon();
    expect((await connect({ ...account, grantedAt: after })).status).toBe('ACTIVE');
  });

  async function waiters(wanted: number): Promise<boolean> {
    const [row]: { count: number }[] = await dataSource.query(
      `SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return row!.count >= wanted;
  }
});
