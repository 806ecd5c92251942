import type { ProcessIdentity } from '@app/processes';

/** What a guard is told by its parent: the first and only message. */
export interface GuardOrder {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Another user to run it as; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What asks the process to end cleanly. */
  readonly stopSignal: NodeJS.Signals;
  /** Who ordered it: with the guard, the one whose death makes the process a leftover. */
  readonly parent: ProcessIdentity;
  /** Where the guard leaves a record of the process while it runs; absent: nowhere. */
  readonly runFolder?: string;
}

/** What a guard tells its parent. */
export type GuardReport =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'exited';
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    };
