/** A child of the local stack, engine or role, as the supervisor sees it. */
export interface Child {
  /** Settles once, when it has ended for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it cleanly, then by force. */
  stop(): Promise<void>;
}

/** Tells the person at the terminal something, in one line. */
export type Say = (line: string) => void;

/** A child that can't be started: `message` is one readable line. */
export class StartError extends Error {}
