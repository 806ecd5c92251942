import type { DataSource } from 'typeorm';
import type { ChannelEvent, DomainEvent } from '@app/domain';
import type { EventStore } from '@app/event-store';
import { channelStream, disconnectionStream, hasReached } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import type { Generation, ReplayReport, RebuildProgress } from '@app/projections';
import { listGenerations, projections, replay, runProjector, swap, verify } from '@app/projections';
import type { TestBed } from '@app/testing';
import { aContext, completed, finished as finishedEffect, waitFor } from '@app/testing';
import { randomLife } from './random-lives';

/** The projections of one spec file, and whatever an operator does with them. */
export class GenerationsUnderTest {
  private constructor(
    private readonly bed: TestBed,
    readonly dataSource: DataSource,
    readonly events: EventStore,
  ) {}

  static async on(bed: TestBed): Promise<GenerationsUnderTest> {
    return new GenerationsUnderTest(bed, await bed.dataSource(), await bed.eventStore());
  }

  /** A projector in this process, until `stop` or the end. */
  startProjector(): { stop(): Promise<void>; ended: Promise<void> } {
    const ending = new AbortController();
    const { dataSource, events } = this;
    const checkpoints = new CheckpointStore(dataSource);
    const ended = runProjector({
      ...{ projections, handlers: [], events, dataSource, checkpoints },
      ...{ termMs: 6_000, retryCapMs: 50, stallAfterMs: 30_000, signal: ending.signal },
    });
    const stop = async (): Promise<void> => {
      ending.abort();
      await ended;
    };
    this.bed.atEnd(() => stop().catch(() => undefined));
    return { stop, ended };
  }

  /**
   * Random lives, in their streams, interleaved as they would be.
   *
   * @param finished whether what comes of a disconnect is appended, too; not where subscribers run
   */
  async appendLives(seed: string, count: number, { finished = true } = {}): Promise<void> {
    const lives = Array.from(
      { length: count },
      (_, n) => randomLife(`${seed} ${n}`) as ChannelEvent[],
    );
    const longest = Math.max(...lives.map(({ length }) => length));
    for (let step = 0; step < longest; step++) {
      for (const life of lives) if (life[step]) await this.append(life[step]!, step);
    }
    if (finished) for (const life of lives) await this.finish(life.at(-1)!);
  }

  async append(event: ChannelEvent, revision: number): Promise<void> {
    const stream = channelStream(event.data.channelId);
    const expected = revision === 0 ? 'no_stream' : revision - 1;
    await this.events.append(stream, expected, [event], aContext());
  }

  /** What comes of a disconnect, for some of them. */
  async finish(last: ChannelEvent): Promise<void> {
    if (last.type !== 'ChannelDisconnected') return;
    const { channelId } = last.data;
    const outcomes: DomainEvent[] = [finishedEffect(channelId, 'token-wipe'), completed(channelId)];
    await this.events.append(disconnectionStream(channelId), 'no_stream', outcomes, aContext());
  }

  /** Until the live generation of each projection has seen every event. */
  async caughtUp(): Promise<void> {
    const last = await this.events.lastPosition();
    for (const { name } of projections) {
      await waitFor(
        async () => {
          const { generation } = await this.live(name);
          const checkpoint = await new CheckpointStore(this.dataSource).load(
            `${name}@${generation}`,
          );
          // A checkpoint may stand behind the event that it comes after.
          return !last || (!!checkpoint && hasReached(checkpoint.position, last));
        },
        { what: `the projection ${name} at the end of the store` },
      );
    }
  }

  generations(name: string): Promise<Generation[]> {
    return listGenerations(this.dataSource, name);
  }

  async live(name: string): Promise<Generation> {
    const live = (await this.generations(name)).find(({ state }) => state === 'live');
    if (!live) throw new Error(`no generation of ${name} is live`);
    return live;
  }

  /** What readers see, by the order of keys. */
  rows(name: string): Promise<object[]> {
    return this.dataSource.query(`SELECT * FROM read_model.${name} ORDER BY 1`);
  }

  /** The tables of a projection, whoever made them. */
  async tables(name: string): Promise<string[]> {
    const tables: { tablename: string }[] = await this.dataSource.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'read_model' AND tablename LIKE $1 ORDER BY 1`,
      [`${name}_g%`],
    );
    return tables.map(({ tablename }) => tablename);
  }

  replay(name: string, options: Partial<Parameters<typeof replay>[0]> = {}): Promise<ReplayReport> {
    return replay({ ...this.common(name), swap: true, swapWithinMs: 30_000, ...options });
  }

  verify(name: string, events = this.events): ReturnType<typeof verify> {
    return verify({ ...this.common(name), events });
  }

  swap(name: string, to: number, withinMs = 30_000): Promise<void> {
    return swap({ ...this.common(name), to, withinMs });
  }

  private common(name: string) {
    const { dataSource, events } = this;
    const projection = projections.find((one) => one.name === name)!;
    const onProgress = (_: RebuildProgress): void => undefined;
    return { projection, dataSource, events, signal: new AbortController().signal, onProgress };
  }
}
