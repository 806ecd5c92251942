import type { EntityManager } from 'typeorm';

/** Something to be done by a process that knows the task. */
export interface Job {
  readonly task: string;
  readonly payload: object;
  /** One job of a key waits at most. */
  readonly key: string;
  /** Milliseconds on database time before which it isn't run; at once unless said. */
  readonly runAfterMs?: number;
}

/**
 * Adds a job in the caller's transaction: it is there exactly when what it is about is there.
 *
 * A job that runs already doesn't know what is asked for now, so a second one is added beside it.
 * When it begins to run in the middle of `add_job`, that adds none and answers no id: asked
 * again, it does.
 */
export async function addJob(
  manager: EntityManager,
  { task, payload, key, runAfterMs = 0 }: Job,
): Promise<void> {
  for (;;) {
    const [job]: { id: string | null }[] = await manager.query(
      `SELECT id FROM graphile_worker.add_job($1, $2::json, job_key => $3,
                run_at => clock_timestamp() + $4 * interval '1 millisecond')`,
      [task, JSON.stringify(payload), key, runAfterMs],
    );
    if (job?.id) return;
  }
}
