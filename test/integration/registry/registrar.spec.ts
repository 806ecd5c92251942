import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DomainEvent } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { Registrar, Registry } from '@app/registry';
import {
  abandoned,
  aChannelId,
  completed,
  connected,
  disconnected,
  finished,
  requestedAt,
  useTestBed,
} from '@app/testing';

describe('the registrar', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
  });

  const registry = new Registry();
  const registrar = new Registrar(registry);
  const start = connected();
  const { channelId, workspaceId, platform, externalId, grantRef } = start.data;
  const apply = (event: DomainEvent) =>
    dataSource.transaction((manager) =>
      registrar.apply(manager, [{ event } as unknown as RecordedEvent]),
    );
  const seen = async () => {
    const rows: unknown[] = await dataSource.query(
      `SELECT channel.state, ending.kind, ending.ended_at
         FROM registry.channels channel LEFT JOIN registry.endings ending ON ending.channel_id = id
        WHERE id = $1`,
      [channelId],
    );
    return rows[0];
  };

  beforeEach(async () => {
    await dataSource.query('DELETE FROM registry.channels');
    const claim = { channelId, workspaceId, platform, externalId, grantRef };
    await dataSource.transaction((manager) => registry.claim(manager, claim));
  });

  it('goes live for a connect that died after its append', async () => {
    await apply(start);
    expect(await seen()).toEqual({ state: 'live', kind: null, ended_at: null });
  });

  it('brings a claim back that an older backup has not, so that nobody else gets the account', async () => {
    await dataSource.query('DELETE FROM registry.channels');
    await apply(start);
    expect(await seen()).toEqual({ state: 'live', kind: null, ended_at: null });
    const rival = { channelId: aChannelId(), workspaceId, platform, externalId, grantRef };
    const holder = await dataSource.transaction((manager) => registry.claim(manager, rival));
    expect(holder).toMatchObject({ channelId, state: 'live' });
  });

  it('says it when another channel has the account by now, and leaves both as they are', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const again = connected({ workspaceId, platform, externalId, grantRef });
    await apply(again);
    expect(errors.mock.calls).toEqual([
      [
        { channelId: again.data.channelId, others: [channelId] },
        'two channels are connected to one account: disconnect this one',
      ],
    ]);
    errors.mockRestore();
    expect(await seen()).toMatchObject({ state: 'opening' });
  });

  it('ends for a disconnect that died after its append, and takes nothing back', async () => {
    const ended = { state: 'ended', kind: 'disconnected', ended_at: new Date(requestedAt) };
    await apply(disconnected(start));
    expect(await seen()).toEqual(ended);
    // Delivered again, all of it: forward only.
    for (const event of [start, disconnected(start), abandoned(channelId)]) await apply(event);
    expect(await seen()).toEqual(ended);
  });

  it('has nothing to do with what follows a disconnect', async () => {
    await apply(finished(channelId, 'token-wipe'));
    await apply(completed(channelId));
    expect(await seen()).toMatchObject({ state: 'opening' });
  });
});

describe('the registrar, for a connect that was given up', () => {
  const bed = useTestBed();

  it('frees the claim', async () => {
    const dataSource = await bed.dataSource();
    const registry = new Registry();
    const { channelId, workspaceId, platform, externalId, grantRef } = connected().data;
    const claim = { channelId, workspaceId, platform, externalId, grantRef };
    await dataSource.transaction((manager) => registry.claim(manager, claim));
    const event = { event: abandoned(channelId) } as unknown as RecordedEvent;
    await dataSource.transaction((manager) => new Registrar(registry).apply(manager, [event]));
    const next = { ...claim, channelId: connected().data.channelId };
    expect(
      await dataSource.transaction((manager) => registry.claim(manager, next)),
    ).toBeUndefined();
  });
});

describe('the registrar, while a writer of the channel is inside the fence', () => {
  const bed = useTestBed();

  const registrar = new Registrar(new Registry());
  let dataSource: DataSource;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
  });
  const apply = (...batch: DomainEvent[]) =>
    dataSource.transaction((manager) =>
      registrar.apply(
        manager,
        batch.map((event) => ({ event }) as unknown as RecordedEvent),
      ),
    );
  const seen = (channelId: string): Promise<unknown> =>
    dataSource.query(
      `SELECT state, kind FROM registry.channels LEFT JOIN registry.endings ON channel_id = id
        WHERE id = $1`,
      [channelId],
    );
  async function writerInside(channelId: string): Promise<() => Promise<void>> {
    const inside = dataSource.createQueryRunner();
    await inside.startTransaction();
    await inside.query(
      `INSERT INTO insights.analytics_snapshots (id, channel_id, captured_at, payload)
       VALUES ('s1', $1, now(), '{}')`,
      [channelId],
    );
    return async () => {
      await inside.rollbackTransaction();
      await inside.release();
    };
  }

  it('waits for nobody: the effects do, and free the claim', async () => {
    const start = connected();
    const { channelId } = start.data;
    await apply(start);
    const leave = await writerInside(channelId);
    await apply(disconnected(start));
    expect(await seen(channelId)).toEqual([{ state: 'live', kind: 'disconnected' }]);
    await leave();
    await apply(disconnected(start));
    expect(await seen(channelId)).toEqual([{ state: 'ended', kind: 'disconnected' }]);
  });

  it('takes no step for it where the account is connected again, or all of them', async () => {
    const start = connected();
    const { channelId, workspaceId, platform, externalId } = start.data;
    const again = connected({ workspaceId, platform, externalId });
    await apply(start);
    const leave = await writerInside(channelId);
    await expect(apply(disconnected(start), again)).rejects.toThrow('lock timeout');
    expect(await seen(channelId)).toEqual([{ state: 'live', kind: null }]);
    await leave();
    // The first batch alone had been passed over for the writer: the second one makes up for that.
    await dataSource.transaction((manager) =>
      new Registry().recordEnding(manager, channelId, 'disconnected', requestedAt),
    );
    await apply(again);
    expect(await seen(channelId)).toEqual([{ state: 'ended', kind: 'disconnected' }]);
    expect(await seen(again.data.channelId)).toEqual([{ state: 'live', kind: null }]);
  });
});
