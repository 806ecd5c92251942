import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '@app/config';
import { hasNoJob } from '@app/jobs';
import { linesOf } from '@app/observability';
import { finishTokenEventTask } from '@app/token-vault';
import { abandonConnectTask } from '../connect-channel/connect-abandoner';

/**
 * Gives a job to what stands half-way between two stores and has none: because a process died, a
 * job gave up, or the database was restored. A job too many changes nothing.
 */
@Injectable()
export class StrandedChanges {
  private readonly say = linesOf(StrandedChanges.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly settings: Settings,
  ) {}

  /**
   * @param heldFor see `hasNoJob`
   */
  async sweep(heldFor: string): Promise<void> {
    const tokenEvents = await this.request(
      finishTokenEventTask,
      `SELECT channel_id AS id FROM vault.tokens WHERE pending_event IS NOT NULL`,
      [heldFor],
    );
    const connects = await this.request(
      abandonConnectTask,
      `SELECT id FROM registry.channels
        WHERE state = 'opening' AND opened_at < clock_timestamp() - $2 * interval '1 millisecond'
       UNION
       SELECT ending.channel_id FROM registry.endings ending
         JOIN vault.tokens stored ON stored.channel_id = ending.channel_id
        WHERE ending.kind = 'abandoned' AND stored.wiped_at IS NULL`,
      [heldFor, this.settings.connectAbandonAfterMs],
    );
    if (tokenEvents + connects === 0) return;
    this.say('stranded changes have new jobs', { tokenEvents, connects });
  }

  /** @param channels SQL that names them as `id` */
  private async request(
    task: string,
    channels: string,
    parameters: readonly unknown[],
  ): Promise<number> {
    const added: unknown[] = await this.dataSource.query(
      `SELECT graphile_worker.add_job('${task}', json_build_object('channelId', id), job_key => key)
         FROM (SELECT id, '${task}:' || id AS key FROM (${channels}) AS half_way) AS stranded
        WHERE ${hasNoJob('stranded.key')}
        ORDER BY key`,
      [...parameters],
    );
    return added.length;
  }
}
