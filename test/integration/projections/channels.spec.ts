import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Channel, ChannelEvent, ChannelRow } from '@app/domain';
import { evolveChannel, unbornChannel } from '@app/domain';
import type { RecordedEvent } from '@app/event-store';
import { channelStream } from '@app/event-store';
import { ChannelsProjection, GenerationHandler, ReceiptsProjection } from '@app/projections';
import { ChannelRows } from '@app/queries';
import { Registrar, Registry } from '@app/registry';
import { aContext, useTestBed } from '@app/testing';
import { randomLife } from '../../support/random-lives';

/** Lives drawn; each is delivered in three ways. */
const lives = Array.from({ length: 60 }, (_, n) => randomLife(`life ${n}`));

describe('The rows of channels, whatever happens to their tokens', () => {
  const bed = useTestBed();
  const channels = new GenerationHandler(new ChannelsProjection(), {
    projection: 'channels',
    generation: 1,
  });
  let dataSource: DataSource;
  let rows: ChannelRows;

  beforeAll(async () => {
    dataSource = await bed.dataSource();
    rows = new ChannelRows(dataSource);
  });

  /** Applies events one after the other, each in the given times. */
  async function deliver(events: readonly ChannelEvent[], times = 1): Promise<void> {
    for (const [revision, event] of events.entries()) {
      for (let n = 0; n < times; n++) {
        await channels.apply(dataSource.manager, [recorded(event, revision)]);
      }
    }
  }

  it('are drawn from all that can happen', () => {
    const types = new Set(lives.flat().map(({ type }) => type));
    expect([...types].sort()).toEqual([
      'ChannelAccessRevoked',
      'ChannelConnected',
      'ChannelDisconnected',
      'ChannelReauthorized',
      'ChannelTokenRefreshFailed',
      'ChannelTokenRefreshed',
    ]);
    const statuses = new Set(lives.map((life) => foldedRow(life).status));
    expect([...statuses].sort()).toEqual(['ACTIVE', 'DISCONNECTED', 'REVOKED', 'TOKEN_EXPIRED']);
  });

  it.each([
    ['once', 1],
    ['twice each', 2],
  ])('are what the domain folds, delivered %s, at every step', async (_, times) => {
    for (const [n] of lives.entries()) {
      const life = randomLife(`stepped ${times} ${n}`);
      for (let step = 1; step <= life.length; step++) {
        await deliver(life.slice(step - 1, step), times);
        const folded = foldedRow(life.slice(0, step));
        expect([n, step, await rows.find(folded.id)]).toEqual([n, step, folded]);
      }
    }
  });

  it('are the same when a whole life comes in one batch', async () => {
    for (const [n] of lives.entries()) {
      const life = randomLife(`batched ${n}`);
      await channels.apply(dataSource.manager, life.map(recorded));
      const folded = foldedRow(life);
      expect(await rows.find(folded.id)).toEqual(folded);
    }
  });

  it('come to the same when a whole life is delivered again from its start', async () => {
    for (const life of lives) {
      await deliver(life);
      await deliver(life);
      const folded = foldedRow(life);
      expect(await rows.find(folded.id)).toEqual(folded);
    }
  });

  it('alone change: no receipt follows from what happens to tokens', async () => {
    const receipts = new GenerationHandler(new ReceiptsProjection(), {
      projection: 'receipts',
      generation: 1,
    });
    for (const event of lives.flat().filter(({ type }) => type !== 'ChannelDisconnected')) {
      await receipts.apply(dataSource.manager, [recorded(event, 1)]);
    }
    expect(await dataSource.query('SELECT * FROM read_model.receipts')).toEqual([]);
  });

  it('keep their claim, which only follows the grant', async () => {
    const registry = new Registry();
    const registrar = new Registrar(registry);
    for (const life of lives) {
      const [start] = life;
      await registry.claim(dataSource.manager, start.data);
      // A repeat of what is past, the earliest last, as a slow process may bring it.
      const late = life.toReversed();
      for (const [revision, event] of [...life, ...late].entries()) {
        if (event.type === 'ChannelDisconnected') continue;
        await registrar.apply(dataSource.manager, [recorded(event, revision)]);
      }
      const grants = life.flatMap((event) =>
        'grantRef' in event.data ? [event.data.grantRef] : [],
      );
      const claims: unknown = await dataSource.query(
        'SELECT state, grant_ref FROM registry.channels WHERE id = $1',
        [start.data.channelId],
      );
      expect(claims).toEqual([{ state: 'live', grant_ref: grants.at(-1) }]);
    }
    expect(await dataSource.query('SELECT * FROM registry.endings')).toEqual([]);
  });
});

function foldedRow(life: readonly ChannelEvent[]): ChannelRow {
  const channel = life.reduce(evolveChannel, unbornChannel);
  return (channel as Extract<Channel, { row: ChannelRow }>).row;
}

function recorded(event: ChannelEvent, revision: number): RecordedEvent {
  return {
    id: randomUUID(),
    stream: channelStream(event.data.channelId),
    revision,
    position: { commit: 0n, prepare: 0n },
    recordedAt: new Date(),
    event,
    metadata: { ...aContext(), schemaVersion: 1 },
  };
}
