import type { Settings } from '@app/config';
import { withDatabase } from '../with-database';
import type { ChangeArguments } from './audited';
import type { Mandate } from './mandate';

/** A change as the audit has it, both rows of it. */
export interface OperatorAction extends Mandate {
  readonly id: string;
  /** ISO 8601 UTC, on database time. */
  readonly at: string;
  /** Null where nothing says how it ended: it is under way, or was cut off. */
  readonly endedAt: string | null;
  readonly outcome: 'succeeded' | 'failed' | null;
  /** As whom the operator was connected to the database. */
  readonly login: string;
  readonly command: string;
  readonly args: ChangeArguments;
  readonly error: string | null;
}

/**
 * What operators have changed, the latest first.
 *
 * @param limit how many at most
 */
export async function listActions(settings: Settings, limit: number): Promise<OperatorAction[]> {
  const rows: (Omit<OperatorAction, 'at' | 'endedAt'> & { at: Date; endedAt: Date | null })[] =
    await withDatabase(settings, [], (dataSource) =>
      dataSource.query(
        `SELECT action_id AS id, min(at) AS at,
                max(at) FILTER (WHERE phase <> 'started') AS "endedAt",
                max(phase) FILTER (WHERE phase <> 'started') AS outcome,
                min(actor) AS actor, min(login) AS login, min(reason) AS reason,
                min(command) AS command, (array_agg(arguments))[1] AS args, max(error) AS error
           FROM audit.operator_actions GROUP BY action_id
          ORDER BY min(operator_actions.id) DESC LIMIT $1`,
        [limit],
      ),
    );
  return rows.map(({ at, endedAt, ...action }) => ({
    ...action,
    at: at.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }));
}
