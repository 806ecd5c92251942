import * as fc from 'fast-check';
import type { Documented, Operation, Parameter, Schema } from './documented';

/** A request as it goes over the wire. */
export interface DrawnRequest {
  readonly operation: Operation;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What is drawn from more often than chance would have it, so that requests get somewhere. */
export interface Pools {
  /** Values of fields and parameters, by name. */
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  /** Who asks, by how often; a request without a secret for undefined. */
  readonly secrets: readonly { readonly weight: number; readonly secret: string | undefined }[];
}

/** Requests of every operation: mostly as the document wants them, the rest wrong in every way. */
export function requestsOf(documented: Documented, pools: Pools): fc.Arbitrary<DrawnRequest> {
  const draw = new Drawing(documented, pools);
  return fc.oneof(...documented.operations.map((operation) => draw.request(operation)));
}

/** Any path segment but `.` and `..`, which name another path (RFC 3986, section 5.2.4). */
const segment = fc
  .string({ unit: 'binary-ascii', minLength: 1 })
  .filter((text) => text !== '.' && text !== '..');

/** A weight of something that isn't wrong; of each wrong thing it is 1. */
const mostly = 12;

class Drawing {
  constructor(
    private readonly documented: Documented,
    private readonly pools: Pools,
  ) {}

  request(operation: Operation): fc.Arbitrary<DrawnRequest> {
    const secrets = this.pools.secrets.map(({ weight, secret }) => ({
      weight,
      arbitrary: fc.constant(secret),
    }));
    return fc
      .record({
        path: this.path(operation),
        headers: this.headers(operation),
        secret: fc.oneof(...secrets),
        body: this.body(operation),
      })
      .map(({ path, headers, secret, body }) => ({
        operation,
        path,
        body: body.text,
        headers: {
          ...headers,
          ...(body.text === undefined ? {} : { 'content-type': body.type }),
          ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        },
      }));
  }

  private path({ path, parameters }: Operation): fc.Arbitrary<string> {
    const inPath = parameters.filter((parameter) => parameter.in === 'path');
    const segments = inPath.map(({ name, schema }) =>
      fc.oneof(
        { weight: mostly, arbitrary: this.named(name, schema).map((value) => String(value)) },
        { weight: 1, arbitrary: segment },
        { weight: 1, arbitrary: fc.constant('x'.repeat(2_000)) },
      ),
    );
    const inQuery = parameters.filter((parameter) => parameter.in === 'query');
    return fc.tuple(fc.tuple(...segments), this.query(inQuery)).map(([values, query]) => {
      const filled = inPath.reduce(
        (text, { name }, index) => text.replace(`{${name}}`, encodeURIComponent(values[index]!)),
        path,
      );
      return query === '' ? filled : `${filled}?${query}`;
    });
  }

  private query(parameters: readonly Parameter[]): fc.Arbitrary<string> {
    const pairs = parameters.map(({ name, schema }) =>
      fc.oneof(
        { weight: mostly, arbitrary: fc.constant([]) },
        { weight: mostly, arbitrary: this.named(name, schema).map((value) => [[name, value]]) },
        { weight: 1, arbitrary: fc.string().map((value) => [[name, value]]) },
        {
          weight: 1,
          arbitrary: fc.constant([
            [name, '1'],
            [name, '2'],
          ]),
        },
      ),
    );
    const unknown = fc.oneof(
      { weight: 4 * mostly, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.string({ minLength: 1 }), fc.string()).map((one) => [one]),
      },
    );
    return fc
      .tuple(...pairs, unknown)
      .map((found) =>
        (found.flat() as [string, unknown][])
          .map(
            ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
          )
          .join('&'),
      );
  }

  private headers({ parameters }: Operation): fc.Arbitrary<Record<string, string>> {
    const inHeader = parameters.filter((parameter) => parameter.in === 'header');
    const drawn = inHeader.map(({ name, schema }) =>
      fc
        .oneof(
          { weight: mostly, arbitrary: this.named(name, schema) },
          { weight: 1, arbitrary: fc.constantFrom(undefined, '', 'a b', 'x'.repeat(300)) },
        )
        .map((value) => (value === undefined ? {} : { [name.toLowerCase()]: value as string })),
    );
    return fc.tuple(...drawn).map((found) => Object.assign({}, ...found) as Record<string, string>);
  }

  private body({ method, requestBody }: Operation) {
    const none = { text: undefined, type: '' };
    const json = (value: unknown) => ({ text: JSON.stringify(value), type: 'application/json' });
    const nothing = fc.constant<{ text: string | undefined; type: string }>(none);
    if (method === 'GET') return nothing;
    const good = requestBody
      ? this.valid(requestBody.content['application/json'].schema).map(json)
      : nothing;
    return fc.oneof(
      { weight: 2 * mostly, arbitrary: good },
      { weight: mostly, arbitrary: good.chain(({ text }) => damaged(text ?? '{}')).map(json) },
      { weight: 1, arbitrary: fc.jsonValue().map(json) },
      { weight: 1, arbitrary: fc.string().map((text) => ({ text, type: 'application/json' })) },
      { weight: 1, arbitrary: fc.constant(json({ big: 'x'.repeat(70_000) })) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('text/plain', 'application/xml', 'json')
          .map((type) => ({ text: 'x', type })),
      },
      { weight: 1, arbitrary: nothing },
    );
  }

  /** A value from the pool of that name if there is one, or any that the schema allows. */
  private named(name: string, schema: Schema): fc.Arbitrary<unknown> {
    const pool = this.pools.values[name];
    if (!pool) return this.valid(schema);
    return fc.oneof(
      { weight: mostly, arbitrary: fc.constantFrom(...pool) },
      { weight: 1, arbitrary: this.valid(schema) },
    );
  }

  /** Any value that the schema allows. */
  private valid(reference: Schema): fc.Arbitrary<unknown> {
    const schema = this.documented.resolve(reference);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => this.valid(one)));
    switch (schema.type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2 ** 31 - 1 });
      case 'array':
        return fc.array(this.named('items', schema.items!), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 4, 4),
        });
      case 'object':
        return this.object(schema);
      default:
        return text(schema);
    }
  }

  private object({ properties, required = [] }: Schema): fc.Arbitrary<object> {
    if (!properties)
      return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    const fields = Object.entries(properties).map(([name, schema]) => [
      name,
      this.named(name, schema),
    ]);
    return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: [...required],
    });
  }
}

function text({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (pattern) return fc.stringMatching(new RegExp(pattern));
  if (format === 'date-time') {
    const range = { min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true };
    return fc.date(range).map((date) => date.toISOString());
  }
  if (format === 'uri') return fc.webUrl();
  const length = { minLength, maxLength: Math.min(maxLength, 40) };
  return fc.oneof(fc.string(length), fc.string({ ...length, unit: 'binary' }));
}

/** The body with one thing wrong: something missing, something else instead, or something more. */
function damaged(body: string): fc.Arbitrary<unknown> {
  const fields = Object.entries(JSON.parse(body) as object);
  const but = (index: number) => fields.filter((_, at) => at !== index);
  const one = fc.nat({ max: Math.max(fields.length - 1, 0) });
  return fc.oneof(
    one.map((index) => Object.fromEntries(but(index)) as unknown),
    fc
      .tuple(one, fc.jsonValue())
      .map(
        ([index, value]) =>
          Object.fromEntries([...but(index), [fields[index]?.[0] ?? 'a', value]]) as unknown,
      ),
    fc
      .tuple(fc.string(), fc.jsonValue())
      .map((surplus) => Object.fromEntries([...fields, surplus]) as unknown),
    fc.constant([Object.fromEntries(fields)]),
  );
}
