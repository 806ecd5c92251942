import { randomUUID } from 'node:crypto';
import { Test } from '@nestjs/testing';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { InternalCommandsModule, LeaseTokens, ReauthorizeChannel } from '@app/commands';
import { ConfigModule } from '@app/config';
import type { ChannelConnected } from '@app/domain';
import { channelStream, EventStore } from '@app/event-store';
import { CheckpointStore, PersistenceModule } from '@app/persistence';
import { aContext, anAccount, connected, disconnected, useTestBed } from '@app/testing';
import { KekProvider, TokenLeases, TokenSealer } from '@app/token-vault';

const tokens = { accessToken: 'an access token', refreshToken: 'a refresh token' };

describe('a lease', () => {
  const bed = useTestBed({ patient: true });

  /** The commands as a process has them after a start. */
  async function started() {
    const settings = await bed.settings('internal');
    const container = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(settings),
        PersistenceModule.forRoot(),
        InternalCommandsModule,
      ],
    }).compile();
    await container.init();
    bed.atEnd(() => container.close());
    const [bus, events, dataSource] = [
      container.get(CommandBus),
      container.get(EventStore, { strict: false }),
      container.get(DataSource),
    ];
    const sealer = container.get(TokenSealer, { strict: false });
    return {
      leases: container.get(TokenLeases, { strict: false }),
      keks: container.get(KekProvider, { strict: false }),
      events,
      dataSource,
      reauthorize: (channelId: string, accessToken: string) => {
        const { scopes, tokenExpiresAt, grantedAt, grantSubject, actor } = anAccount();
        const renewed = { accessToken, refreshToken: null };
        const grant = { scopes, tokenExpiresAt, grantedAt, grantSubject, actor, tokens: renewed };
        return bus.execute(new ReauthorizeChannel(channelId, grant, `req_${channelId}`));
      },
      take: (channelId: string, kind: 'access' | 'refresh' = 'access') =>
        bus.execute(new LeaseTokens(kind, channelId, 'svc_test', 'req_test')),
      connect: async (): Promise<ChannelConnected> => {
        const start = connected();
        await dataSource.transaction((manager) => sealer.seal(manager, start.data, tokens));
        await events.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());
        return start;
      },
      /** As the registrar does when it has applied everything. */
      catchUp: async () => {
        const checkpoints = new CheckpointStore(dataSource);
        const position = (await events.lastPosition())!;
        const previous = await checkpoints.load('registrar');
        await dataSource.transaction((manager) =>
          checkpoints.save(manager, 'registrar', previous, { position, event: null }),
        );
      },
    };
  }
  type Started = Awaited<ReturnType<typeof started>>;

  const refusalsOf = ({ dataSource }: Started, id: string): Promise<object[]> =>
    dataSource.query('SELECT kind, refusal FROM vault.leases WHERE channel_id = $1', [id]);

  it.each(['access', 'refresh'] as const)(
    'of %s is not answered when the channel ends after it was decrypted',
    async (kind) => {
      const process = await started();
      const start = await process.connect();
      const { channelId } = start.data;
      await process.catchUp();
      const take = process.leases.take.bind(process.leases);
      jest.spyOn(process.leases, 'take').mockImplementationOnce(async (...asked) => {
        const taken = await take(...asked);
        expect(taken).toMatchObject({ tokens });
        await process.events.append(channelStream(channelId), 0, [disconnected(start)], aContext());
        return taken;
      });
      const refused = { code: 'CHANNEL_DISCONNECTED' };
      await expect(process.take(channelId, kind)).rejects.toMatchObject(refused);
      expect(await refusalsOf(process, channelId)).toEqual([
        { kind, refusal: 'CHANNEL_DISCONNECTED' },
      ]);
    },
  );

  it('is closed after a start until the registrar has come to where the streams ended by then', async () => {
    const earlier = await started();
    const { channelId } = (await earlier.connect()).data;

    const process = await started();
    const closed = { code: 'LEASES_CLOSED' };
    await expect(process.take(channelId)).rejects.toMatchObject(closed);
    await expect(process.take(channelId, 'refresh')).rejects.toMatchObject(closed);
    expect(await refusalsOf(process, channelId)).toEqual([]);

    await process.catchUp();
    expect(await process.take(channelId)).toMatchObject({ tokens, version: 1 });
    // Once open it stays open, whatever is appended.
    const later = await process.connect();
    expect(await process.take(later.data.channelId)).toMatchObject({ tokens });
  });

  it('is closed while any subscriber stands on an event that the store does not have', async () => {
    const earlier = await started();
    const { channelId } = (await earlier.connect()).data;
    await earlier.catchUp();
    const { id } = (await earlier.events.lastEvent())!;
    // The registrar lags behind: its event is one that the backup has.
    const standsOn = `INSERT INTO runtime.checkpoints
      SELECT name, commit_position, prepare_position, $1, commit_position, prepare_position, now()
        FROM unnest($2::text[]) AS name, (SELECT commit_position, prepare_position
               FROM runtime.checkpoints WHERE name = 'registrar') AS registrar
      ON CONFLICT (name) DO UPDATE SET event_id = excluded.event_id,
         event_commit = excluded.event_commit, event_prepare = excluded.event_prepare,
         event_recorded_at = excluded.event_recorded_at`;
    await earlier.dataSource.query(standsOn, [id, ['registrar']]);
    await earlier.dataSource.query(standsOn, [randomUUID(), ['channels@1']]);

    const process = await started();
    const closed = { code: 'LEASES_CLOSED' };
    await expect(process.take(channelId)).rejects.toMatchObject(closed);
    await earlier.dataSource.query(standsOn, [id, ['channels@1']]);
    expect(await process.take(channelId)).toMatchObject({ tokens });
  });

  it('is refused for good reasons first, then because no key opens it', async () => {
    const process = await started();
    const start = await process.connect();
    const { channelId } = start.data;
    await process.catchUp();
    jest.spyOn(process.keks, 'find').mockResolvedValue(undefined);
    const unreadable = { code: 'TOKEN_UNREADABLE' };
    await expect(process.take(channelId)).rejects.toMatchObject(unreadable);
    expect(await refusalsOf(process, channelId)).toEqual([
      { kind: 'access', refusal: 'TOKEN_UNREADABLE' },
    ]);
    await process.events.append(channelStream(channelId), 0, [disconnected(start)], aContext());
    const ended = { code: 'CHANNEL_DISCONNECTED' };
    await expect(process.take(channelId)).rejects.toMatchObject(ended);
  });

  it('of tokens whose key was destroyed, as after an older backup, comes back by reauthorization', async () => {
    const process = await started();
    const { channelId } = (await process.connect()).data;
    await process.catchUp();
    const former = (await process.keks.active()).id;
    await process.keks.rotate(new Date());
    await process.keks.destroy(former);

    const unreadable = { code: 'TOKEN_UNREADABLE' };
    await expect(process.take(channelId)).rejects.toMatchObject(unreadable);
    await expect(process.take(channelId, 'refresh')).rejects.toMatchObject(unreadable);
    await process.reauthorize(channelId, 'again');
    expect(await process.take(channelId)).toMatchObject({
      tokens: { accessToken: 'again' },
      version: 2,
    });
  });
});
