import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import { channelsTopic, consumerGroupOf } from '@app/contracts';
import { announcedEffects } from '@app/domain';
import { UnknownEventType } from '@app/event-store';
import type { Task, Tasks } from '@app/jobs';
import { deadWorkerAfter, runJobs, watched } from '@app/jobs';
import { KafkaClient, runConsumer } from '@app/kafka';
import { probePostgres } from '@app/persistence';
import { GrantRevoker } from '../grant-revocation/grant-revoker';
import { RevocationSweep, revocationSweepTask } from '../grant-revocation/revocation-sweep';
import { DisconnectionWatch } from '../reconciler/disconnection-watch';
import { Reconciler } from '../reconciler/reconciler';
import { Survivors, survivorsTask } from '../reconciler/survivors';
import { watchTask } from '../reconciler/watches';
import { whileRunning } from './effect-metrics';
import { EffectWorker } from './effect-worker';
import { Inbox } from './inbox';
import { channelIdOf, recordTask, sweepTask } from './jobs';
import { Recorder } from './recorder';
import { Sweep } from './sweep';

/** One try each: the next time is the next try. */
const crontab = [
  `* * * * * ${sweepTask} ?max=1&jobKey=${sweepTask}`,
  `*/10 * * * * ${survivorsTask} ?max=1&jobKey=${survivorsTask}`,
].join('\n');
const revocationCrontab = `* * * * * ${revocationSweepTask} ?max=1&jobKey=${revocationSweepTask}`;

/** Jobs end after the consumers have left, but don't wait for long: Kafka may be away. */
const consumersFirstMs = 1_000;

/** Everything that turns messages into effects, for the life of a process. */
@Injectable()
export class EffectsRuntime {
  constructor(
    private readonly settings: Settings,
    private readonly kafka: KafkaClient,
    private readonly inbox: Inbox,
    private readonly worker: EffectWorker,
    private readonly revoker: GrantRevoker,
    private readonly revocations: RevocationSweep,
    private readonly recorder: Recorder,
    private readonly sweep: Sweep,
    private readonly reconciler: Reconciler,
    private readonly watch: DisconnectionWatch,
    private readonly survivors: Survivors,
  ) {}

  /**
   * Consumes and works until the signal; an engine that is away is waited for.
   *
   * @throws when the process must not live on: a consumer is gone and won't come back, or an event
   *   is met that this release doesn't know
   */
  async run(signal: AbortSignal): Promise<void> {
    const failure = new AbortController();
    const fail = (error: unknown): void => failure.abort(error);
    const ending = AbortSignal.any([signal, failure.signal]);
    const jobsEnding = new AbortController();

    const consuming = this.consume(ending, fail).catch(fail);
    const reconciling = this.reconciler.run(ending).catch(fail);
    const working = this.work(jobsEnding.signal, fail).catch(fail);
    await aborted(ending);
    await Promise.race([consuming, wait(consumersFirstMs, undefined, { ref: false })]);
    jobsEnding.abort();
    await Promise.all([consuming, reconciling, working]);
    if (failure.signal.aborted) throw failure.signal.reason;
  }

  /** A group for each effect, so that none waits for another's messages. */
  private async consume(signal: AbortSignal, onFatal: (error: Error) => void): Promise<void> {
    const { databaseUrl, stallAfterMs, storeTimeoutMs } = this.settings;
    const needs = () => probePostgres(databaseUrl, storeTimeoutMs);
    await Promise.all(
      announcedEffects.map((effect) =>
        runConsumer(this.kafka, {
          groupId: consumerGroupOf(effect),
          topics: [channelsTopic],
          fromBeginning: true,
          handle: (message) => this.inbox.receive(effect, message),
          stallGuard: { afterMs: stallAfterMs, needs },
          signal,
          onFatal,
        }),
      ),
    );
  }

  private async work(signal: AbortSignal, onFatal: (error: unknown) => void): Promise<void> {
    const { databaseUrl, storeTimeoutMs, workerConcurrency, retryCapMs } = this.settings;
    const shared = { databaseUrl, connectTimeoutMs: storeTimeoutMs, retryCapMs, signal };
    const effects = runJobs({
      ...shared,
      concurrency: workerConcurrency,
      // A job is tried again, whatever it throws; an unknown event also ends the process.
      tasks: watched(this.tasks(signal), (error) => {
        if (error instanceof UnknownEventType) onFatal(error);
      }),
      crontab,
      beforeStart: () => this.sweep.run('0'),
    });
    // A worker of its own, which waits neither for the event store nor behind a purge: a token's hour ends.
    const copies = runJobs({
      ...shared,
      concurrency: 1,
      tasks: { [revocationSweepTask]: () => this.revocations.run() },
      crontab: revocationCrontab,
      beforeStart: () => this.revocations.run(),
    });
    await Promise.all([effects, copies]);
  }

  private tasks(signal: AbortSignal): Tasks {
    const patience = { retryCapMs: this.settings.retryCapMs, signal };
    const tasks: Record<string, Task> = {
      [recordTask]: (job) => this.recorder.record(channelIdOf(job), patience),
      [sweepTask]: () => this.sweep.run(deadWorkerAfter),
      'grant-revocation': (job) =>
        whileRunning('grant-revocation', () => this.revoker.run(channelIdOf(job), patience)),
      [watchTask]: (job) => this.watch.look(channelIdOf(job), patience),
      [survivorsTask]: async () => void (await this.survivors.scan(signal)),
    };
    for (const effect of announcedEffects) {
      tasks[effect] = (job) =>
        whileRunning(effect, () =>
          this.worker.run({ effect, channelId: channelIdOf(job) }, patience),
        );
    }
    return tasks;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
