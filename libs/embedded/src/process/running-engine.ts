/** A started engine, as its parent sees it. */
export interface RunningEngine {
  /** 'postgres' | 'kafka' | 'event store' */
  readonly name: string;
  /** What goes into DATABASE_URL, KAFKA_BROKERS or EVENTSTORE_URL. */
  readonly url: string;
  readonly port: number;
  /** Of the engine itself. */
  readonly pid: number;
  /** Settles once, when the process has ended for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends it cleanly, and by force after 5 s. */
  stop(): Promise<void>;
  /** SIGKILL, for tests of crashes. */
  kill(): void;
}

/** An engine that can't start: `message` is one readable line that says what to do. */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError';
}
