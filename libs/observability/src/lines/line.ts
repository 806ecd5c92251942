import type { LogFields } from './fields';

export type LineLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** One thing that is worth a line. */
export interface Line {
  readonly level: LineLevel;
  readonly fields: readonly (keyof LogFields)[];
  /** For an operator: what has happened, and what to do where something is to be done. */
  readonly means: string;
}

/** Lines by what they say: `msg`. */
export type Lines = Readonly<Record<string, Line>>;
