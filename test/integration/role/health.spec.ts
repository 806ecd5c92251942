import type { DataSource } from 'typeorm';
import { ApiModule } from '../../../apps/api/src/api.module';
import { channelStream } from '@app/event-store';
import type { EventStore } from '@app/event-store';
import { channelsTopic, consumerGroupOf } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import { KafkaClient } from '@app/kafka';
import { createRole, eventStoreProbe, postgresProbe, Readiness } from '@app/role';
import type { RoleProcess } from '@app/testing';
import { aContext, connected, useTestBed, waitFor } from '@app/testing';
import type { Health } from '../../support/health';
import { healthOf, missing } from '../../support/health';
import { leadInSilence } from '../../support/silent-leader';

describe('The health of a role', () => {
  const bed = useTestBed();
  let dataSource: DataSource;
  let events: EventStore;
  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    await bed.createTopics();
  });

  async function append(): Promise<void> {
    const start = connected();
    await events.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());
  }
  const until = (role: RoleProcess, isSo: (health: Health) => boolean): Promise<Health> =>
    waitFor(
      async () => {
        const health = await healthOf(role);
        return isSo(health) && health;
      },
      { what: `the health of the ${role.role}` },
    );

  it('tells who leads and who stands by, both ready, and that a stand-by leads when its leader is gone', async () => {
    // A process that stands still for some seconds still has its term.
    const slack = { LEADERSHIP_TERM_MS: '6000' };
    const leader = await bed.startRole('relay', await bed.environment(slack));
    const { since } = (
      await until(leader, ({ work }) => work.subscriptions['relay']?.state === 'following')
    ).work.leadership['relay']!;
    const standBy = await bed.startRole('relay', await bed.environment(slack));
    const waiting = await until(standBy, ({ code }) => code === 200);
    expect(waiting.work.leadership['relay']).toMatchObject({ state: 'standing by' });
    expect(waiting.work.subscriptions['relay']).toMatchObject({ state: 'standing by' });
    expect(await until(leader, ({ code }) => code === 200)).toMatchObject({
      status: 'ready',
      engines: {
        PostgreSQL: { state: 'ok' },
        EventStoreDB: { state: 'ok' },
        Kafka: { state: 'ok' },
      },
      work: { leadership: { relay: { state: 'leading', since } } },
    });

    await leader.kill();
    const leading = await until(
      standBy,
      ({ code, work }) => code === 200 && work.subscriptions['relay']?.state === 'following',
    );
    expect(leading.work.leadership['relay']).toMatchObject({ state: 'leading' });
    await standBy.stop();
  });

  it('tells a lag, in events and seconds, and is ready all the same: a restart makes it longer', async () => {
    const projector = await bed.startRole('projector', await bed.environment());
    await append();
    const caughtUp = ({ code, work }: Health): boolean =>
      code === 200 && work.subscriptions['registrar']?.lag?.events === 0;
    await until(projector, (health) => caughtUp(health));
    const held = dataSource.createQueryRunner();
    await held.startTransaction();
    await held.query(`SELECT FROM runtime.checkpoints WHERE name = 'registrar' FOR UPDATE`);
    await append();
    await append();
    const { work } = await until(
      projector,
      (health) =>
        health.code === 200 &&
        health.work.subscriptions['registrar']?.lag?.events === 2 &&
        health.work.leadership['projector:registrar']?.state === 'leading',
    );
    expect(work.subscriptions['registrar']?.lag).toMatchObject({ counted: true });
    expect(work.subscriptions['registrar']?.lag?.seconds).toBeGreaterThan(0);
    await held.rollbackTransaction();
    await held.release();
    await until(projector, caughtUp);
  });

  it('tells that each consumer group is joined, without which subscribers are not ready', async () => {
    const groups = announcedEffects.map(consumerGroupOf);
    const held = groups[0]!;
    const kafka = new KafkaClient(await bed.settings('subscribers'));
    const leader = await leadInSilence(kafka, held, channelsTopic);
    const subscribers = await bed.startRole('subscribers', await bed.environment());
    const statesOf = ({ work }: Health) => groups.map((group) => work.groups[group]?.state);
    const isAllElse = ({ engines, work }: Health): boolean =>
      Object.values(engines).every(({ state }) => state === 'ok') &&
      work.leadership['reconciler']?.state === 'leading' &&
      groups.every((group) => group === held || work.groups[group]?.state === 'joined');

    const waiting = await until(subscribers, isAllElse);
    expect([waiting.code, waiting.status]).toEqual([503, 'not ready']);
    expect(statesOf(waiting)).toEqual(
      groups.map((group) => (group === held ? 'joining' : 'joined')),
    );

    await leader.leave();
    const joined = await until(subscribers, ({ code }) => code === 200);
    expect(Object.keys(joined.work.groups).sort()).toEqual([...groups].sort());
    expect(statesOf(joined)).toEqual(groups.map(() => 'joined'));
  });

  it('says nothing of hosts where callers reach it, and 503 from the moment that it is to end', async () => {
    const settings = await bed.settings('api', { LOG_LEVEL: 'fatal' });
    const nowhere = {
      ...settings,
      eventstoreUrl: 'esdb://secret-user:secret@127.0.0.1:9?tls=false',
    };
    const app = await createRole({ module: ApiModule, answersRequests: true }, settings, [
      postgresProbe(settings),
      eventStoreProbe(nowhere),
    ]);
    bed.atEnd(() => app.close());
    await app.listen(0, '127.0.0.1');
    const url = (await app.getUrl()).replace('localhost', '127.0.0.1');
    const told = await waitFor(async () => {
      const health = await healthOf({ url });
      return missing(health).join() === 'EventStoreDB' && health;
    });
    expect(told).toEqual({
      code: 503,
      status: 'not ready',
      engines: { PostgreSQL: 'ok', EventStoreDB: 'away' },
    });
    expect((await app.get(Readiness).report()).engines['EventStoreDB']!.problem).toMatch(
      /^EventStoreDB at esdb:\/\/127\.0\.0\.1:9\?tls=false can't be used/,
    );

    app.get(Readiness).stop();
    expect(await healthOf({ url })).toEqual({ code: 503, status: 'stopping' });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });
});
