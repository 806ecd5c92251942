/** The body of every failure; `statusCode` and `code` are the stable contract. */
export interface ProblemBody {
  readonly statusCode: number;
  /** SCREAMING_SNAKE */
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

/** A failure to be answered as it is. */
export class HttpProblem extends Error {
  constructor(
    readonly statusCode: number,
    readonly code: string,
    message: string,
    /** Further fields of the body. */
    readonly extras: Readonly<Record<string, unknown>> = {},
    /** Further headers of the answer, by their names in lower case. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'HttpProblem';
  }
}
