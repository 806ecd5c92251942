import { setTimeout as wait } from 'node:timers/promises';
import { linesOf, Outage } from '@app/observability';
import { NotFollowed } from '@app/subscriptions';
import { GenerationHandler } from './generation-handler';
import type { Generation } from './generations';
import { followedGenerations, generationName } from './generations';
import type { HandlerOptions } from './keep-handler';
import { keepHandler } from './keep-handler';
import type { Projection } from './projection';

const say = linesOf('projections');

/** Milliseconds between two looks for generations that came, went, or were paused. */
const everyMs = 500;

/**
 * Keeps every complete generation of a projection up with the event store, each with its own checkpoint
 * and its own term, and looks again and again which those are. Returns when the signal is aborted.
 *
 * @throws what ends a handler beside NotFollowed
 */
export async function followGenerations<Row extends object>(
  projection: Projection<Row>,
  options: HandlerOptions,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const followers = new Followers(
    (generation, stop) =>
      keepHandler(new GenerationHandler(projection, generation), {
        ...options,
        signal: AbortSignal.any([signal, stop]),
      }),
    (error) => failed.abort(error),
  );
  const seen = new Set<number>();
  const subscriber = projection.name;
  // While PostgreSQL is away, what runs goes on trying.
  const outage = new Outage(
    (err) => say('not known what is to be followed', { subscriber, err }),
    (recovery) => say('known again what is to be followed', { subscriber, ...recovery }),
  );
  while (!signal.aborted) {
    const followed = await followedGenerations(options.dataSource, projection.name).catch(
      (error: unknown) => outage.failed(error),
    );
    if (followed) {
      outage.over();
      const [known, others] = byVersion(projection, followed);
      others.filter(({ generation }) => !seen.has(generation)).forEach(warn);
      followers.adjust(known);
    }
    await wait(everyMs, undefined, { signal }).catch(() => undefined);
  }
  await followers.settled();
  if (failed.signal.aborted) throw failed.signal.reason;

  function warn({ generation, version }: Generation): void {
    seen.add(generation);
    const releaseVersion = projection.version;
    say('generation left to another release', { subscriber, generation, version, releaseVersion });
  }
}

function byVersion(
  { version }: Projection<object>,
  generations: readonly Generation[],
): [known: Generation[], others: Generation[]] {
  return [
    generations.filter((generation) => generation.version === version),
    generations.filter((generation) => generation.version !== version),
  ];
}

/** The handlers that run, one for each generation. */
class Followers {
  private readonly running = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  constructor(
    private readonly follow: (of: Generation, stop: AbortSignal) => Promise<void>,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** Starts and stops until those run that should. */
  adjust(wanted: readonly Generation[]): void {
    const names = new Set(wanted.map(generationName));
    for (const [name, { stop }] of this.running) if (!names.has(name)) stop.abort();
    for (const generation of wanted) {
      if (!this.running.has(generationName(generation))) this.start(generation);
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.running.values()].map(({ ended }) => ended));
  }

  private start(generation: Generation): void {
    const stop = new AbortController();
    const ended = this.follow(generation, stop.signal)
      .catch((error: unknown) => {
        // Paused or dropped just now: the next look knows.
        if (!(error instanceof NotFollowed)) this.fail(error);
      })
      .finally(() => this.running.delete(generationName(generation)));
    this.running.set(generationName(generation), { stop, ended });
  }
}
