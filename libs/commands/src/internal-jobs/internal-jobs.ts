import { Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import type { ChannelId } from '@app/domain';
import { isId } from '@app/domain';
import { UnknownEventType } from '@app/event-store';
import type { Tasks } from '@app/jobs';
import { deadWorkerAfter, runJobs, watched } from '@app/jobs';
import { finishTokenEventTask, KekRotation, rotateKekTask } from '@app/token-vault';
import { abandonConnectTask, ConnectAbandoner } from '../connect-channel/connect-abandoner';
import { TokenEventFinisher } from '../token-changes/token-event-finisher';
import { StrandedChanges } from './stranded-changes';

const sweepTask = 'sweep-changes';
const tendKeksTask = 'tend-keks';

/** One try each: the next minute is the next try. */
const crontab = [
  `* * * * * ${sweepTask} ?max=1&jobKey=${sweepTask}`,
  `*/5 * * * * ${tendKeksTask} ?max=1&jobKey=${tendKeksTask}`,
].join('\n');

/** The work in the background of the one process that holds the vault's keys. */
@Injectable()
export class InternalJobs {
  constructor(
    private readonly settings: Settings,
    private readonly stranded: StrandedChanges,
    private readonly finisher: TokenEventFinisher,
    private readonly abandoner: ConnectAbandoner,
    private readonly rotation: KekRotation,
  ) {}

  /**
   * Works until the signal; an engine that is away is waited for.
   *
   * @throws UnknownEventType: this release must not live on beside one that writes it
   */
  async run(signal: AbortSignal): Promise<void> {
    const { databaseUrl, storeTimeoutMs, workerConcurrency, retryCapMs } = this.settings;
    const failure = new AbortController();
    await runJobs({
      databaseUrl,
      connectTimeoutMs: storeTimeoutMs,
      concurrency: workerConcurrency,
      tasks: watched(this.tasks(), (error) => {
        if (error instanceof UnknownEventType) failure.abort(error);
      }),
      crontab,
      beforeStart: () => this.stranded.sweep('0'),
      retryCapMs,
      signal: AbortSignal.any([signal, failure.signal]),
    });
    if (failure.signal.aborted) throw failure.signal.reason;
  }

  private tasks(): Tasks {
    return {
      [finishTokenEventTask]: async (job) => void (await this.finisher.finish(channelOf(job))),
      [abandonConnectTask]: async (job) => {
        const channelId = channelOf(job);
        await this.abandoner.abandon(channelId, `${abandonConnectTask}:${channelId}`);
      },
      [rotateKekTask]: (job) =>
        this.rotation.rotate(new Date((job as { askedAt: string }).askedAt)),
      [tendKeksTask]: () => this.rotation.tend(),
      [sweepTask]: () => this.stranded.sweep(deadWorkerAfter),
    };
  }
}

/** @throws Error for a payload that nobody here has written */
function channelOf(job: unknown): ChannelId {
  const { channelId } = job as { channelId?: unknown };
  if (!isId('channel', channelId)) throw new Error('a job without a channel');
  return channelId;
}
