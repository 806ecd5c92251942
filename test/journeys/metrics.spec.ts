import type { DataSource } from 'typeorm';
import type { ServiceRole } from '@app/config';
import { serviceRoles } from '@app/config';
import { consumerGroupOf } from '@app/contracts';
import { announcedEffects, planDisconnection } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream } from '@app/event-store';
import {
  aChannelId,
  aContext,
  connected,
  disconnected,
  membersOf,
  useTestBed,
  waitFor,
} from '@app/testing';
import type { Exposition } from '../support/exposition';
import { scrape, shownAt, valueOf } from '../support/exposition';
import { TcpProxy } from '../support/tcp-proxy';
import { WholeService } from '../support/whole-service';

describe('The metrics of every role, scraped as Prometheus does', () => {
  const bed = useTestBed({ patient: true });
  let dataSource: DataSource;
  let events: EventStore;
  let service: WholeService;
  let proxy: TcpProxy;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    await bed.createTopics();
    proxy = await TcpProxy.before(await bed.databaseUrl());
    bed.atEnd(() => proxy.close());
    // A try that fails because the machine stood still is forgiven, as it would not be with a single one.
    const env = await bed.environment({ EFFECT_MAX_TRIES: '2', RECONCILE_AFTER_MS: '0' });
    service = await WholeService.of(bed, await membersOf(bed), env);
    service.only.set('subscribers', { DATABASE_URL: proxy.url });
    await service.start();
  });

  const scrapeOf = (role: ServiceRole): Promise<Exposition> =>
    scrape(service.role(role).metricsUrl);
  const pathOf = (id: string): string => `/api/v1/social-accounts/${id}`;

  const shown = (
    role: ServiceRole,
    name: string,
    labels: Readonly<Record<string, string>>,
    is: (value: number) => boolean,
  ): Promise<void> => shownAt(service.role(role).metricsUrl, name, labels, is);
  const isZero = (value: number): boolean => value === 0;
  const isOne = (value: number): boolean => value === 1;
  const isSome = (value: number): boolean => value > 0;

  /** Holds a lock of the database meanwhile. */
  async function holding(sql: string, meanwhile: () => Promise<void>): Promise<void> {
    await dataSource.transaction(async (manager) => {
      await manager.query(sql);
      await meanwhile();
    });
  }

  it('are where operators alone reach them, and nothing else is there', async () => {
    for (const role of serviceRoles) {
      const { series, types } = await scrapeOf(role);
      const [info] = series.filter(({ name }) => name === 'postbreeze_build_info');
      expect(info!.labels).toEqual({ role, version: '0.1.0', node: process.version });
      expect(types.get('nodejs_eventloop_lag_p99_seconds')).toBe('gauge');
      expect(types.get('process_resident_memory_bytes')).toBe('gauge');
    }
    for (const role of ['api', 'internal'] as const) {
      const { url, metricsUrl } = service.role(role);
      const answers = await Promise.all([
        fetch(`${url}/metrics`),
        fetch(metricsUrl.replace('/metrics', '/health/live')),
        fetch(metricsUrl, { method: 'POST' }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 405]);
    }
  });

  it('have moved by exactly what happened', async () => {
    const row = await service.connect();
    expect((await service.internal.lease(row.id)).status).toBe(200);
    expect((await service.api.delete(pathOf(row.id))).status).toBe(200);
    expect((await service.api.delete(pathOf(row.id))).status).toBe(200);
    expect((await service.api.delete(pathOf(aChannelId()))).status).toBe(404);
    expect((await service.api.delete('/nowhere')).status).toBe(404);
    expect((await service.internal.lease(row.id)).status).toBe(409);

    const [ofApi, ofInternal] = await Promise.all([scrapeOf('api'), scrapeOf('internal')]);
    const commands = ({ series }: Exposition) =>
      series
        .filter(({ name }) => name === 'postbreeze_commands_total')
        .map(({ labels: { command, outcome, code }, value }) => [command, outcome, code, value]);
    expect(commands(ofApi)).toEqual([
      ['DisconnectChannel', 'done', '', 2],
      ['DisconnectChannel', 'refused', 'CHANNEL_NOT_FOUND', 1],
    ]);
    expect(commands(ofInternal)).toEqual([
      ['ConnectChannel', 'done', '', 1],
      ['LeaseTokens', 'done', '', 1],
      ['LeaseTokens', 'refused', 'CHANNEL_DISCONNECTED', 1],
    ]);
    const leases = { kind: 'access', outcome: 'granted' };
    expect(valueOf(ofInternal, 'postbreeze_leases_total', leases)).toBe(1);
    const refused = { kind: 'access', outcome: 'refused', code: 'CHANNEL_DISCONNECTED' };
    expect(valueOf(ofInternal, 'postbreeze_leases_total', refused)).toBe(1);
    const requests = ofApi.series
      .filter(({ name }) => name === 'postbreeze_http_request_duration_seconds_count')
      .filter(({ labels }) => labels['method'] === 'DELETE')
      .map(({ labels: { method, route, status }, value }) => [method, route, status, value]);
    expect(requests).toEqual([
      ['DELETE', '/api/v1/social-accounts/:accountId', '2xx', 2],
      ['DELETE', '/api/v1/social-accounts/:accountId', '4xx', 1],
      ['DELETE', 'none', '4xx', 1],
    ]);

    const { platform } = row;
    const completed = 'postbreeze_disconnection_duration_seconds_count';
    await shown('subscribers', completed, { platform }, isOne);
    const ofSubscribers = await scrapeOf('subscribers');
    for (const effect of announcedEffects) {
      const outcome = { effect, outcome: 'DONE' };
      expect(valueOf(ofSubscribers, 'postbreeze_effects_finished_total', outcome)).toBe(1);
      const took = 'postbreeze_effect_duration_seconds_count';
      expect(valueOf(ofSubscribers, took, { effect, platform })).toBe(1);
    }
    await shown('relay', 'postbreeze_leader', { name: 'relay' }, isOne);
    await shown('relay', 'postbreeze_leadership_terms_total', { name: 'relay' }, isSome);
    for (const handler of ['channels@1', 'receipts@1', 'registrar'])
      await shown('projector', 'postbreeze_events_handled_total', { handler }, isSome);
    for (const effect of announcedEffects) {
      const handled = { group: consumerGroupOf(effect), outcome: 'handled' };
      await shown('subscribers', 'postbreeze_messages_total', handled, isSome);
    }
  });

  it('show events that a handler has not come to, and none once it has', async () => {
    const lag = ['postbreeze_lag_events', 'postbreeze_lag_seconds'] as const;
    await holding(
      `SELECT FROM runtime.checkpoints WHERE name <> 'reconciler' FOR UPDATE`,
      async () => {
        await events.append(channelStream(aChannelId()), 'no_stream', [connected()], aContext());
        for (const name of lag) {
          await shown('relay', name, { handler: 'relay' }, isSome);
          await shown('projector', name, { handler: 'channels@1' }, isSome);
          await shown('projector', name, { handler: 'registrar' }, isSome);
        }
      },
    );
    for (const name of lag) {
      await shown('relay', name, {}, isZero);
      await shown('projector', name, {}, isZero);
      await shown('subscribers', name, { handler: 'reconciler' }, isZero);
    }
  });

  it('show messages that a group has not come to, and none once it has', async () => {
    const lag = ['postbreeze_consumer_lag_messages', 'postbreeze_consumer_lag_seconds'] as const;
    const row = await service.connect();
    await holding('LOCK TABLE effects.messages', async () => {
      await service.api.delete(pathOf(row.id));
      for (const effect of announcedEffects) {
        const group = consumerGroupOf(effect);
        for (const name of lag) await shown('subscribers', name, { group }, isSome);
      }
    });
    for (const name of lag) await shown('subscribers', name, {}, isZero);
    // None is open as well before the reconciler has come to it; the next case would meet its effects.
    await waitFor(
      async () => {
        const completed: unknown[] = await dataSource.query(
          `SELECT FROM read_model.receipts WHERE channel_id = $1 AND status = 'COMPLETED'`,
          [row.id],
        );
        return completed.length === 1;
      },
      { what: 'the end of its effects' },
    );
    await shown('subscribers', 'postbreeze_disconnections_open', {}, isZero);
  });

  it('show what is parked and what is overdue', async () => {
    await dataSource.query('ALTER TABLE insights.comments RENAME TO comments_are_away');
    const start = connected();
    const requestedAt = new Date(Date.now() - 21 * 3_600_000).toISOString();
    const end = disconnected(start, { requestedAt, plan: planDisconnection(requestedAt, 20) });
    const stream = channelStream(start.data.channelId);
    await events.append(stream, 'no_stream', [start, end], aContext());

    const work = { effect: 'comments-purge', state: 'parked' };
    await shown('subscribers', 'postbreeze_effects_open', work, isOne);
    await shown('subscribers', 'postbreeze_disconnections_overdue_total', {}, isOne);
    await shown('subscribers', 'postbreeze_disconnections_alerted', {}, isOne);
    // A scrape leaves out what has no answer in time.
    await waitFor(async () => {
      const exposition = await scrapeOf('subscribers');
      const parked = { effect: 'comments-purge', then: 'parked' };
      expect(valueOf(exposition, 'postbreeze_effect_failures_total', parked)).toBe(1);
      expect(valueOf(exposition, 'postbreeze_disconnections_overdue')).toBe(1);
      expect(valueOf(exposition, 'postbreeze_disconnections_open')).toBe(1);
      const [oldest, toDeadline] = [
        valueOf(exposition, 'postbreeze_disconnections_oldest_open_seconds')!,
        valueOf(exposition, 'postbreeze_disconnections_seconds_to_deadline')!,
      ];
      expect(Math.round(oldest / 3_600)).toBe(21);
      expect(Math.round(toDeadline / 3_600)).toBe(-1);
      return true;
    });
  });

  it('show grants that were not withdrawn for good, whoever saw it, for 7 days', async () => {
    await dataSource.query(
      `INSERT INTO effects.work (effect, channel_id, state, outcome, finished_at)
       SELECT effect, $1 || days, 'recorded', 'FAILED', now() - make_interval(days => days)
         FROM (VALUES ('grant-revocation', 6), ('grant-revocation', 8), ('token-wipe', 1))
           AS ended (effect, days)`,
      [aChannelId()],
    );
    await shown('subscribers', 'postbreeze_revocations_failed', {}, isOne);
  });

  it('show a token that is kept for longer than its hour, until it is gone', async () => {
    const name = 'postbreeze_revocation_copies_overdue';
    await shown('subscribers', name, {}, isZero);
    await dataSource.query(
      `INSERT INTO vault.revocation_copies (channel_id, version, key_id, outcome, until)
       VALUES ($1, 1, 'of another server', 'FAILED', now())`,
      [aChannelId()],
    );
    // What destroys such a copy comes by each minute.
    await holding('SELECT FROM vault.revocation_copies FOR UPDATE', () =>
      shown('subscribers', name, {}, isOne),
    );
    await dataSource.query('DELETE FROM vault.revocation_copies');
    await shown('subscribers', name, {}, isZero);
  });

  it('show what an operator has to look after, and what alerts are held against', async () => {
    const effect = 'comments-purge';
    await dataSource.query(
      `INSERT INTO effects.parked_messages (effect, topic, partition, message_offset, headers, reason)
       VALUES ($1, 'channels', 0, 0, '{}', 'of a newer release')`,
      [effect],
    );
    await shown('subscribers', 'postbreeze_messages_parked', { effect }, isOne);
    const pause = (at: string) =>
      dataSource.query(`UPDATE runtime.projections SET paused_at = ${at} WHERE name = 'receipts'`);
    const paused = ['projector', 'postbreeze_projection_paused'] as const;
    await pause('now()');
    await shown(...paused, { projection: 'receipts' }, isOne);
    await shown(...paused, { projection: 'channels' }, isZero);
    await pause('NULL');
    await shown(...paused, { projection: 'receipts' }, isZero);
    const settings: [ServiceRole, string, number][] = [
      ['subscribers', 'postbreeze_disconnection_deadline_seconds', 72_000],
      ['internal', 'postbreeze_kek_rotation_interval_seconds', 86_400],
      ['internal', 'postbreeze_kek_destroy_after_seconds', 604_800],
      ['internal', 'postbreeze_kek_retired_seconds', 0],
    ];
    for (const [role, name, set] of settings) await shown(role, name, {}, (value) => value === set);
    await shown('internal', 'postbreeze_kek_age_seconds', {}, isSome);
  });

  it('name nobody: no id, no key, no handle', async () => {
    for (const role of serviceRoles) {
      const { text } = await scrapeOf(role);
      expect(text).not.toMatch(/soc_|ws_[0-9A-Z]|usr_|evt_|req_|pb_live|pb_svc|@[a-z]+"/);
    }
  });

  it('come in time from a role whose database is silent, without what only that one knows', async () => {
    proxy.hang();
    const url = service.role('subscribers').metricsUrl;
    await waitFor(async () => {
      const begun = performance.now();
      const exposition = await scrape(url);
      expect(performance.now() - begun).toBeLessThan(5_000);
      expect(valueOf(exposition, 'postbreeze_disconnections_open')).toBeUndefined();
      expect(valueOf(exposition, 'postbreeze_effects_open')).toBeUndefined();
      // Kafka still tells it; how much has come meanwhile, nobody can say.
      expect(valueOf(exposition, 'postbreeze_consumer_lag_messages')).toEqual(expect.any(Number));
      expect(valueOf(exposition, 'postbreeze_effects_finished_total')).toBeGreaterThan(0);
      const errors = valueOf(exposition, 'postbreeze_scrape_errors_total', {
        reading: 'open work',
      });
      return errors! > 0;
    });
    const engine = 'postbreeze_engine_up';
    await shown('subscribers', engine, { engine: 'PostgreSQL' }, isZero);
    await shown('subscribers', engine, { engine: 'Kafka' }, isSome);
    proxy.heal();
    await shown('subscribers', engine, { engine: 'PostgreSQL' }, isSome);
    await shown('subscribers', 'postbreeze_disconnections_open', {}, isOne);
  });
});
