import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { dataSchemas, headersSchema, messageTypes, topicOf } from '.';

const folder = join(__dirname, '../goldens');
const ajv = addFormats(new Ajv2020({ strict: true, allErrors: true }));

interface Golden {
  readonly topic: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly data: Record<string, unknown>;
}

/** The golden of a message type lies in a file of its short name. */
function golden(type: string): Golden {
  const file = join(folder, `${type.replace('ai.postbreeze.', '')}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Golden;
}

describe('the goldens', () => {
  it('are one for each message type and version', () => {
    const files = messageTypes.map((type) => `${type.replace('ai.postbreeze.', '')}.json`);
    expect(readdirSync(folder).sort()).toEqual(files.sort());
  });

  it.each(messageTypes)('%s is what its schemas describe', (type) => {
    const { topic, key, headers, data } = golden(type);
    expect(topic).toBe(topicOf[type]);
    expect(key).toBe(headers.ce_subject);
    expect(ajv.validate(dataSchemas[type], data) || ajv.errors).toBe(true);
    expect(ajv.validate(headersSchema(type), headers) || ajv.errors).toBe(true);
  });

  it.each(messageTypes)('%s has nothing that its schemas leave out', (type) => {
    const { headers, data } = golden(type);
    expect(Object.keys(data).sort()).toEqual(Object.keys(dataSchemas[type].properties).sort());
    const { properties } = headersSchema(type) as { properties: Record<string, unknown> };
    const { ce_traceparent: onlyWhileTraced, ...always } = properties;
    expect(Object.keys(headers).sort()).toEqual(Object.keys(always).sort());
    expect(onlyWhileTraced).toBeDefined();
  });

  it.each(messageTypes)('%s may say where its trace goes on, and only in one way', (type) => {
    const { headers } = golden(type);
    const holds = (traceparent: string): boolean =>
      ajv.validate(headersSchema(type), { ...headers, ce_traceparent: traceparent });
    expect(holds('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')).toBe(true);
    expect(holds('4bf92f3577b34da6a3ce929d0e0e4736')).toBe(false);
  });

  it.each(messageTypes)('%s without any one of its fields is refused', (type) => {
    const { data } = golden(type);
    for (const field of Object.keys(data)) {
      const { [field]: _removed, ...rest } = data;
      expect(ajv.validate(dataSchemas[type], rest)).toBe(false);
    }
  });
});
