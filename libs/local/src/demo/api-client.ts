/** An answer of the service's own REST API, with how long it took. */
export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly tookMs: number;
}

/** Calls the service as its callers do: over HTTP, with a key. */
export class ApiClient {
  constructor(
    readonly baseUrl: string,
    private readonly secret: string,
  ) {}

  async call<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer<T>> {
    const startedAt = performance.now();
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.secret}`,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const body = (await response.json()) as T;
    return { status: response.status, body, tookMs: performance.now() - startedAt };
  }
}
