import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { hasNoJob } from '@app/jobs';
import { linesOf } from '@app/observability';
import { watchTask } from '../reconciler/watches';
import { recordTask } from './jobs';

/**
 * Gives a job to work that has none: because a process died, a job gave up, or the database was
 * restored. A job too many does nothing: the work row decides.
 */
@Injectable()
export class Sweep {
  private readonly say = linesOf(Sweep.name);

  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param heldFor the time after which a job that some worker holds doesn't count any more. At a
   *   start '0': a worker that was killed holds its jobs for four hours.
   */
  async run(heldFor: string): Promise<void> {
    const works = await this.requestEffects(heldFor);
    const records = await this.requestRecordings(heldFor);
    const looks = await this.requestLooks(heldFor);
    if (works + records + looks === 0) return;
    this.say('stranded work has new jobs', { works, records, looks });
  }

  private async requestEffects(heldFor: string): Promise<number> {
    const added: unknown[] = await this.dataSource.query(
      `SELECT graphile_worker.add_job(effect, channel, job_key => key)
         FROM (SELECT work.effect, json_build_object('channelId', work.channel_id) AS channel,
                      work.effect || ':' || work.channel_id AS key
                 FROM effects.work
                WHERE work.state = 'pending') AS pending
        WHERE ${hasNoJob('pending.key')}
        ORDER BY key`,
      [heldFor],
    );
    return added.length;
  }

  private async requestLooks(heldFor: string): Promise<number> {
    const added: unknown[] = await this.dataSource.query(
      `SELECT graphile_worker.add_job('${watchTask}', channel, job_key => key)
         FROM (SELECT json_build_object('channelId', channel_id) AS channel,
                      '${watchTask}:' || channel_id AS key
                 FROM effects.disconnections
                WHERE settled_at IS NULL) AS unsettled
        WHERE ${hasNoJob('unsettled.key')}
        ORDER BY key`,
      [heldFor],
    );
    return added.length;
  }

  private async requestRecordings(heldFor: string): Promise<number> {
    const added: unknown[] = await this.dataSource.query(
      `SELECT graphile_worker.add_job('${recordTask}', channel, job_key => key)
         FROM (SELECT json_build_object('channelId', work.channel_id) AS channel,
                      '${recordTask}:' || work.channel_id AS key
                 FROM effects.work
                WHERE work.state = 'done'
                   OR work.state = 'parked' AND work.parking_recorded_at IS NULL
                GROUP BY work.channel_id) AS untold
        WHERE ${hasNoJob('untold.key')}
        ORDER BY key`,
      [heldFor],
    );
    return added.length;
  }
}
