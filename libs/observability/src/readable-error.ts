/** What is logged of an error: never the statement or its parameters, which TypeORM attaches. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** An error as the log shows it, with its causes. */
export function toLoggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name,
    message: readableMessage(error),
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: toLoggedError(error.cause) }),
  };
}

/** One line for a person; Node's AggregateError has an empty message of its own. */
export function readableMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return readableMessage(error.errors[0]);
  }
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split('\n', 1)[0]!;
}
