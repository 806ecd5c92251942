import type { Settings } from '@app/config';
import type { ChangeArguments } from './audited';
import { audited } from './audited';
import type { Mandate } from './mandate';

/** Something that an operator can have changed: looked at first, then done. */
export interface Change<T> {
  /**
   * What `apply` would do, a line each, after all checks of it that change nothing.
   *
   * @throws WrongUsage, NothingFound, or Error in an operator's words
   */
  preview(): Promise<readonly string[]>;
  /** @throws like `preview` */
  apply(): Promise<T>;
}

/** A change that is made on somebody's behalf, and stands in the audit. */
export interface AuditedChange<T> extends Pick<Change<T>, 'preview'> {
  /** @throws like `preview` and `audited` */
  apply(mandate: Mandate): Promise<T>;
}

/** What becomes an audited change. */
export interface ChangeToAudit<T> extends Change<T> {
  /** As it is typed: `keys revoke`. */
  readonly command: string;
  readonly args: ChangeArguments;
  /** What the audit keeps of the thing itself; asked before it is changed. */
  evidence?(): Promise<ChangeArguments>;
}

/** The one way to a change of what a database holds: nobody applies it beside the audit. */
export function auditedChange<T>(settings: Settings, change: ChangeToAudit<T>): AuditedChange<T> {
  const { command, args } = change;
  return {
    preview: () => change.preview(),
    apply: async (mandate) => {
      const evidence = await change.evidence?.();
      return audited(settings, { ...mandate, command, args, evidence }, () => change.apply());
    },
  };
}
