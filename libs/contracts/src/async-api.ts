import { messageTypes, topicOf } from './messages';
import { dataSchemas, headersSchema } from './schemas';
import type { Topic } from './topics';
import { channelsTopic, disconnectionsTopic, topics } from './topics';

const channelNames: Readonly<Record<Topic, string>> = {
  [channelsTopic]: 'channels',
  [disconnectionsTopic]: 'disconnections',
};
const channelDescriptions: Readonly<Record<Topic, string>> = {
  [channelsTopic]: 'The life of every channel.',
  [disconnectionsTopic]: 'How disconnections end.',
};

/** The text of `docs/asyncapi.json`: every topic and message, as AsyncAPI 3. */
export function asyncApiDocument(): string {
  return `${JSON.stringify(asyncApi(), null, 2)}\n`;
}

function asyncApi(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Postbreeze Channels',
      version: '1.0.0',
      description: [
        'What happens to connected social accounts. CloudEvents 1.0 in binary content mode, JSON,',
        'key = channel id. At least once, in order per channel within a topic; no order is promised',
        'across topics. Fields are only ever added; ignore what you do not know. Kept for 14 days.',
      ].join(' '),
    },
    defaultContentType: 'application/json',
    channels: fromTopics((topic) => [
      channelNames[topic],
      {
        address: topic,
        description: channelDescriptions[topic],
        messages: Object.fromEntries(
          typesOn(topic).map((type) => [
            dataSchemas[type].title,
            { $ref: `#/components/messages/${dataSchemas[type].title}` },
          ]),
        ),
        bindings: { kafka: { topic, bindingVersion: '0.5.0' } },
      },
    ]),
    operations: fromTopics((topic) => [
      `send-${channelNames[topic]}`,
      { action: 'send', channel: { $ref: `#/channels/${channelNames[topic]}` } },
    ]),
    components: {
      messages: Object.fromEntries(
        messageTypes.map((type) => [
          dataSchemas[type].title,
          {
            name: type,
            title: dataSchemas[type].title,
            summary: dataSchemas[type].description,
            contentType: 'application/json',
            headers: headersSchema(type),
            payload: dataSchemas[type],
            bindings: {
              kafka: {
                key: { type: 'string', description: 'The channel id.' },
                bindingVersion: '0.5.0',
              },
            },
          },
        ]),
      ),
    },
  };
}

function fromTopics(entryOf: (topic: Topic) => readonly [string, object]): Record<string, object> {
  return Object.fromEntries(topics.map(entryOf));
}

function typesOn(topic: Topic) {
  return messageTypes.filter((type) => topicOf[type] === topic);
}
