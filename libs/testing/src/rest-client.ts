/** An answer of the service, read whole. */
export interface RestAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface RestRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A caller of the service with one key, over real HTTP. */
export class RestClient {
  constructor(
    private readonly baseUrl: string,
    private readonly secret: string,
  ) {}

  get<T>(path: string): Promise<RestAnswer<T>> {
    return this.call('GET', path);
  }

  post<T>(path: string, request: RestRequest): Promise<RestAnswer<T>> {
    return this.call('POST', path, request);
  }

  delete<T>(path: string, request?: RestRequest): Promise<RestAnswer<T>> {
    return this.call('DELETE', path, request);
  }

  private async call<T>(
    method: string,
    path: string,
    { body, headers }: RestRequest = {},
  ): Promise<RestAnswer<T>> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.secret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as T,
    };
  }
}
