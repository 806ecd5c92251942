/** A job that a worker holds for longer than this is taken for one whose worker is dead. */
export const deadWorkerAfter = '5 minutes';

/**
 * SQL: whether nobody will do what a job of that key is for, because a process died, a job gave up
 * or the database was restored. `$1` is the time after which a job that some worker holds doesn't
 * count any more; at a start '0', since a worker that was killed holds its jobs for four hours.
 *
 * @param key an SQL expression
 */
export function hasNoJob(key: string): string {
  return `NOT EXISTS (
    SELECT FROM graphile_worker.jobs job
     WHERE job.key = ${key}
       AND CASE WHEN job.locked_at IS NULL THEN job.attempts < job.max_attempts
                ELSE job.locked_at > clock_timestamp() - $1::interval END)`;
}
