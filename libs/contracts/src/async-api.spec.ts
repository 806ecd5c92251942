import { asyncApiDocument, dataSchemas, messageTypes, topicOf, topics } from '.';

const document = JSON.parse(asyncApiDocument());

/** What a `$ref` of the document points to. */
function resolve(ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce((node, name) => node[name], document);
}

describe('the AsyncAPI document', () => {
  it('has every topic once, by its address', () => {
    const addresses = Object.values<{ address: string }>(document.channels).map((c) => c.address);
    expect(addresses).toEqual([...topics]);
  });

  it('has every message on its topic, with its schema', () => {
    const found = Object.values<{ address: string; messages: Record<string, { $ref: string }> }>(
      document.channels,
    ).flatMap(({ address, messages }) =>
      Object.values(messages).map(({ $ref }) => {
        const { name, payload } = resolve($ref) as { name: string; payload: unknown };
        return [name, address, payload];
      }),
    );
    expect(found).toEqual(messageTypes.map((type) => [type, topicOf[type], dataSchemas[type]]));
  });

  it('points to channels that are there', () => {
    for (const { channel } of Object.values<{ channel: { $ref: string } }>(document.operations)) {
      expect(resolve(channel.$ref)).toBeDefined();
    }
  });
});
