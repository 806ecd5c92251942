import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ulid } from 'ulid';
import { ConnectChannel, InternalCommandsModule, InternalJobs } from '@app/commands';
import { ConfigModule } from '@app/config';
import { channelStream, EventStore } from '@app/event-store';
import { addJob } from '@app/jobs';
import { CheckpointStore, PersistenceModule } from '@app/persistence';
import { aContext, anAccount, connected, refreshed, useTestBed, waitFor } from '@app/testing';

describe('A connect whose stream is not there', () => {
  const bed = useTestBed({ patient: true });
  let process: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    process = await started();
  });

  /** The internal process; its jobs are taken from the start on. */
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
    const stop = new AbortController();
    const running = container.get(InternalJobs).run(stop.signal);
    bed.atEnd(() => {
      stop.abort();
      return running;
    });
    const [bus, events, dataSource] = [
      container.get(CommandBus),
      container.get(EventStore, { strict: false }),
      container.get(DataSource),
    ];
    return {
      events,
      dataSource,
      connect: (): Promise<{ id: string }> => {
        const key = { credentialId: 'svc_test', key: ulid() };
        return bus.execute(new ConnectChannel(anAccount(), key, `req_${ulid()}`));
      },
    };
  }

  /** What stands of it: its claim, its ending, its tokens and its stream. */
  const standing = async (id: string): Promise<object> => {
    const { dataSource, events } = process;
    const rows: object[] = await dataSource.query(
      `SELECT channel.state, ending.kind AS ending, tokens.wiped_at IS NOT NULL AS wiped
         FROM registry.channels channel LEFT JOIN registry.endings ending ON ending.channel_id = id
         JOIN vault.tokens ON tokens.channel_id = id WHERE id = $1`,
      [id],
    );
    const types = (await events.read(channelStream(id))).map(({ event }) => event.type);
    return { ...rows[0], types };
  };
  const jobOf = async (key: string): Promise<{ id: string; error: string | null } | undefined> => {
    const jobs: { id: string; error: string | null }[] = await process.dataSource.query(
      'SELECT id, last_error AS error FROM graphile_worker.jobs WHERE key = $1',
      [key],
    );
    return jobs[0];
  };
  /** As if the minute were over, or the wait after a failure. */
  const comesNow = async (key: string): Promise<void> => {
    const { id } = (await jobOf(key))!;
    await process.dataSource.query(
      'SELECT graphile_worker.reschedule_jobs(ARRAY[$1::bigint], run_at => now())',
      [id],
    );
  };
  const untilRun = (key: string): Promise<unknown> =>
    waitFor(async () => !(await jobOf(key)), { what: 'a job that has run' });
  const untilRefused = async (key: string): Promise<void> => {
    const error = await waitFor(async () => (await jobOf(key))?.error ?? false, {
      what: 'a job that comes again',
    });
    expect(error).toContain('EVENTSTORE_URL names another one');
  };

  /** By the word of its checkpoint: where the store's last event stands, but it may be another one. */
  async function registrarStandsOn(which: 'the last event' | 'another event'): Promise<void> {
    const { dataSource, events } = process;
    const other = connected();
    await events.append(channelStream(other.data.channelId), 'no_stream', [other], aContext());
    const { id, position, recordedAt } = (await events.lastEvent())!;
    const event = { id: which === 'the last event' ? id : randomUUID(), position, recordedAt };
    const checkpoints = new CheckpointStore(dataSource);
    const before = await checkpoints.load('registrar');
    await checkpoints.save(dataSource.manager, 'registrar', before, { position, event });
  }

  it('goes on when the registry knows it to be live: the store has lost it, not the connect its end', async () => {
    const { id } = await process.connect();
    await process.events.client.deleteStream(channelStream(id));
    const job = `abandon-connect:${id}`;
    await comesNow(job);
    await untilRun(job);
    expect(await standing(id)).toEqual({ state: 'live', ending: null, wiped: false, types: [] });
  });

  it('is neither recorded nor given up in a store that the registrar does not know, but given up later in the one that it does', async () => {
    const { dataSource } = process;
    await registrarStandsOn('another event');
    await expect(process.connect()).rejects.toThrow('EVENTSTORE_URL names another one');
    const [{ id }]: [{ id: string }] = await dataSource.query(
      `SELECT id FROM registry.channels WHERE state = 'opening'`,
    );
    const job = `abandon-connect:${id}`;
    await comesNow(job);
    await untilRefused(job);
    const opening = { state: 'opening', ending: null, wiped: false, types: [] };
    expect(await standing(id)).toEqual(opening);

    await registrarStandsOn('the last event');
    await comesNow(job);
    await untilRun(job);
    const types = ['ConnectAbandoned'];
    expect(await standing(id)).toEqual({ state: 'ended', ending: 'abandoned', wiped: true, types });
  });

  it('keeps the event of its new tokens until the right store is back', async () => {
    const { dataSource, events } = process;
    const { id } = await process.connect();
    await events.client.deleteStream(channelStream(id));
    const pending = { event: refreshed(connected(), { channelId: id }), context: aContext() };
    const { manager } = dataSource;
    await manager.query('UPDATE vault.tokens SET pending_event = $2 WHERE channel_id = $1', [
      id,
      pending,
    ]);
    await registrarStandsOn('another event');
    const key = `finish-token-event:${id}`;
    await addJob(manager, { task: 'finish-token-event', payload: { channelId: id }, key });
    await untilRefused(key);
    const kept: object[] = await manager.query(
      'SELECT pending_event AS pending FROM vault.tokens WHERE channel_id = $1',
      [id],
    );
    expect(kept).toEqual([{ pending }]);
  });
});
