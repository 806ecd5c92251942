import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Settings } from '@app/config';
import { looksLikeCredential, scrubbed } from '@app/domain';
import { readableMessage } from '@app/observability';
import { withDatabase } from '../with-database';
import type { Mandate } from './mandate';

/** What an operator has given to a command, as it may be kept: no secret is ever among it. */
export type ChangeArguments = Readonly<Record<string, unknown>>;

/** What the audit says of a change. */
export interface AuditedAction extends Mandate {
  /** As it is typed: `keys revoke`. */
  readonly command: string;
  readonly args: ChangeArguments;
  /** What was found out about it, and not given by anybody: a digest, a count. */
  readonly evidence?: ChangeArguments;
}

/** What one row says of how far an action has come. */
export type Outcome =
  | { readonly phase: 'started' | 'succeeded' }
  | { readonly phase: 'failed'; readonly error: string };

/**
 * Changes something between two rows of `audit.operator_actions`: the first is committed before, the
 * second says how it ended. A change that is cut off leaves the first one alone.
 *
 * @throws Error in one line, with nothing changed, when the first row can't be written; what `work`
 *   throws; Error when it is done, but the audit can't say so
 */
export function audited<T>(
  settings: Settings,
  action: AuditedAction,
  work: () => Promise<T>,
): Promise<T> {
  return withDatabase(settings, [], async (dataSource) => {
    const write = actionWriter(dataSource, action);
    await write({ phase: 'started' }).catch((error: unknown) => {
      throw new Error(`Nothing was changed: ${whyNot(error)}`, { cause: error });
    });
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // Why it failed matters more than that this can't be written down: it has started, at least.
      await write(failureOf(error)).catch(() => undefined);
      throw error;
    }
    await write({ phase: 'succeeded' }).catch((error: unknown) => {
      throw new Error(`It is done, but the audit doesn't say so: ${whyNot(error)}`, {
        cause: error,
      });
    });
    return result;
  });
}

/** Writes down a change that could not be announced, because there was no audit before it. */
export function auditAfterwards(
  settings: Settings,
  action: AuditedAction,
  outcome: Outcome,
): Promise<void> {
  return withDatabase(settings, [], (dataSource) => actionWriter(dataSource, action)(outcome));
}

/** Why it failed, as it may be kept. */
export function failureOf(error: unknown): Outcome {
  return { phase: 'failed', error: scrubbed(readableMessage(error)) };
}

/** Each row is written as a role that may do nothing else, whatever the login may do. */
function actionWriter(dataSource: DataSource, action: AuditedAction) {
  const { actor, reason, command, args, evidence } = action;
  const actionId = randomUUID();
  const kept = JSON.stringify({ ...(withoutCredentials(args) as object), ...evidence });
  return (outcome: Outcome): Promise<void> =>
    dataSource.transaction(async (manager) => {
      await manager.query('SET LOCAL ROLE postbreeze_audit');
      await manager.query(
        `INSERT INTO audit.operator_actions (action_id, phase, actor, reason, command, arguments, error)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [
          ...[actionId, outcome.phase, actor, reason, command, kept],
          outcome.phase === 'failed' ? outcome.error : null,
        ],
      );
    });
}

/** An id may be a key that was pasted in its place. */
function withoutCredentials(value: unknown): unknown {
  if (typeof value === 'string') return looksLikeCredential(value) ? '[removed]' : value;
  if (Array.isArray(value)) return value.map(withoutCredentials);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withoutCredentials(part)]),
  );
}

function whyNot(error: unknown): string {
  const denied = (error as { code?: unknown }).code === '42501';
  const hint = denied ? ': have an administrator GRANT postbreeze_audit to that login' : '';
  return `the audit can't be written (${readableMessage(error)})${hint}`;
}
