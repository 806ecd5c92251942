import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { DeclaredTypes } from './declared-types.mjs';

const root = new URL('../../', import.meta.url);
const domainEvents = 'libs/domain/src/domain-event.ts';
const recordedEvent = 'libs/event-store/src/recorded-event.ts';

/**
 * The text of `docs/events.md`: every message and every domain event. Fields and their meaning come
 * from the schemas and the types, examples from the goldens that the tests hold the code against.
 *
 * @param {(path: string) => any} built what the build has made
 */
export async function eventsDocument(built) {
  const contracts = built('./libs/contracts/src');
  const events = {
    ...built('./libs/domain/src'),
    ...built('./libs/event-store/src'),
    ...built('./libs/relay/src'),
  };
  const types = new DeclaredTypes(
    [domainEvents, recordedEvent].map((path) => fileURLToPath(new URL(path, root))),
  );
  const text = [
    introduction,
    ...messages(contracts),
    ...recorded(types, events),
    ...namedTypes(types, events),
  ].join('\n\n');
  const options = await prettier.resolveConfig(fileURLToPath(root));
  return prettier.format(text, { ...options, parser: 'markdown' });
}

const introduction = `# Events

Generated from the contracts (\`npm run generate\`); \`npm run check\` fails when it differs. Machines read
[asyncapi.json](asyncapi.json) for the messages. How events and messages may change:
[operating.md](operating.md#upgrades-and-the-evolution-of-events).

- [Messages](#messages): what other services get from Kafka.
- [Domain events](#domain-events): what the streams in EventStoreDB record, the source of everything.
- [Types](#types) that both are made of.`;

function messages({ topics, topicOf, messageTypes, dataSchemas, headersSchema }) {
  return [
    '## Messages',
    `CloudEvents 1.0 in Kafka's binary content mode: attributes are headers, the value is the data as JSON,
the key is the channel's id. At least once, in order per channel within a topic; no order is promised
across topics. Drop what you have seen by \`ce_id\`; ignore fields that you don't know.`,
    table(
      ['topic', 'messages'],
      topics.map((topic) => [
        code(topic),
        messageTypes
          .filter((type) => topicOf[type] === topic)
          .map((type) => `[${dataSchemas[type].title}](#${anchor(type)})`)
          .join(', '),
      ]),
    ),
    '### Headers',
    schemaTable(headersSchema('<type>')),
    ...messageTypes.flatMap((type) => message(type, topicOf[type], dataSchemas[type])),
  ];
}

function message(type, topic, schema) {
  const { headers, data } = golden('contracts', type.replace('ai.postbreeze.', ''));
  return [
    `### ${type}`,
    `${schema.description} Topic ${code(topic)}.`,
    schemaTable(schema),
    fenced([
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      json(data),
    ]),
  ];
}

function schemaTable({ properties, required }) {
  return table(
    ['field', 'value', ''],
    Object.entries(properties).map(([name, property]) => [
      code(name) + (required.includes(name) ? '' : ' (optional)'),
      valueOf(property),
      property.description ?? '',
    ]),
  );
}

function valueOf({ const: constant, format, pattern, type }) {
  if (constant !== undefined) return code(constant);
  return [format ?? type, pattern && code(pattern)].filter(Boolean).join(', ');
}

function recorded(types, events) {
  const { channelEventTypes, disconnectionEventTypes } = events;
  return [
    '## Domain events',
    `JSON in two streams a channel. Every event is written in the latest version of its type and read in all before
it (\`libs/event-store/src/upcasters.ts\`). No event carries a token, a comment or the text of a post.`,
    '### Metadata',
    types.docOf('EventMetadata'),
    fieldTable(types, types.fieldsOf('EventMetadata')),
    ...stream(types, events, `${events.channelStreamPrefix}<channel id>`, channelEventTypes),
    ...stream(
      types,
      events,
      `${events.disconnectionStreamPrefix}<channel id>`,
      disconnectionEventTypes,
    ),
  ];
}

function stream(types, events, name, eventTypes) {
  return [
    `### The stream ${code(name)}`,
    ...eventTypes.flatMap((type) => domainEvent(types, events, type)),
  ];
}

function domainEvent(types, { upcasters, toCloudEvent }, type) {
  const version = upcasters[type].length + 1;
  const { data } = golden('event-store', `${type}.v${version}`);
  const message = toCloudEvent({ ...somewhere, event: { type, data } });
  const told = message ? `[${message.type}](#${anchor(message.type)})` : 'none';
  return [
    `#### ${type}`,
    `${types.docOf(type)} Version ${version}; message: ${told}.`,
    fieldTable(types, types.fieldsOf(type, 'data')),
    fenced([json(data)], 'json'),
  ];
}

/** Only the type of the message is looked at. */
const somewhere = { id: '', revision: 0, recordedAt: new Date(0) };

/** What the fields of events and metadata mention, and what that mentions in its turn. */
function namedTypes(types, { domainEventTypes }) {
  const names = new Set();
  const add = (fields) => {
    for (const name of fields.flatMap(({ type }) => types.namesIn(type))) {
      if (names.has(name)) continue;
      names.add(name);
      if (types.hasFields(name)) add(types.fieldsOf(name));
    }
  };
  for (const type of domainEventTypes) add(types.fieldsOf(type, 'data'));
  return [
    '## Types',
    ...[...names]
      .sort()
      .flatMap((name) => [
        `### ${name}`,
        types.docOf(name),
        types.hasFields(name)
          ? fieldTable(types, types.fieldsOf(name))
          : code(types.expansionOf(name)),
      ]),
  ];
}

function fieldTable(types, fields) {
  return table(
    ['field', 'type', ''],
    fields.map(({ name, type, optional, doc }) => [
      code(name) + (optional ? ' (optional)' : ''),
      linked(types, type),
      doc,
    ]),
  );
}

function linked(types, text) {
  const names = types.namesIn(text);
  const links = names.map((name) => ` [${name}](#${anchor(name)})`).join('');
  return names.length === 1 && names[0] === text ? links.trim() : code(text) + links;
}

function golden(lib, name) {
  return JSON.parse(readFileSync(new URL(`libs/${lib}/goldens/${name}.json`, root), 'utf8'));
}

function table(titles, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

function fenced(lines, language = '') {
  return ['```' + language, ...lines, '```'].join('\n');
}

function json(data) {
  return JSON.stringify(data, null, 2);
}

function code(text) {
  return `\`${text}\``;
}

/** As GitHub makes one of a heading. */
function anchor(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
