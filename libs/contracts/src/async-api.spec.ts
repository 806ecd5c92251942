import { asyncApiDocument, dataSchemas, messageTypes, topicOf, topics } from '.';

interface Document {
  readonly channels: Record<
    string,
    { address: string; messages: Record<string, { $ref: string }> }
  >;
  readonly operations: Record<string, { channel: { $ref: string } }>;
}

const document = JSON.parse(asyncApiDocument()) as Document;

/** What a `$ref` of the document points to. */
function resolve(ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], document);
}

describe('the AsyncAPI document', () => {
  it('has every topic once, by its address', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    expect(addresses).toEqual([...topics]);
  });

  it('has every message on its topic, with its schema', () => {
    const found = Object.values(document.channels).flatMap(({ address, messages }) =>
      Object.values(messages).map(({ $ref }) => {
        const { name, payload } = resolve($ref) as { name: string; payload: unknown };
        return [name, address, payload];
      }),
    );
    expect(found).toEqual(messageTypes.map((type) => [type, topicOf[type], dataSchemas[type]]));
  });

  it('points to channels that are there', () => {
    for (const { channel } of Object.values(document.operations)) {
      expect(resolve(channel.$ref)).toBeDefined();
    }
  });
});
