import type { KafkaMessage } from 'kafkajs';
import { receivedMessage } from './received-message';

const message: KafkaMessage = {
  offset: '7',
  timestamp: '0',
  attributes: 0,
  key: Buffer.from('soc_1'),
  value: Buffer.from('{}'),
  headers: {},
};

describe('receivedMessage', () => {
  it('decodes key and headers, and leaves the value as it came', () => {
    expect(
      receivedMessage('a.topic', 3, { ...message, headers: { ce_id: Buffer.from('é') } }),
    ).toEqual({
      topic: 'a.topic',
      partition: 3,
      offset: '7',
      key: 'soc_1',
      headers: { ce_id: 'é' },
      value: message.value,
    });
  });

  it('takes the last of a header that is sent several times, and none without a value', () => {
    const headers = {
      twice: [Buffer.from('first'), Buffer.from('last')],
      never: undefined,
      none: [],
    };
    expect(receivedMessage('a.topic', 0, { ...message, headers }).headers).toEqual({
      twice: 'last',
    });
  });

  it('has no key, headers or value where there are none', () => {
    const bare: KafkaMessage = {
      offset: '7',
      timestamp: '0',
      attributes: 0,
      size: 0,
      key: null,
      value: null,
    };
    expect(receivedMessage('a.topic', 0, bare)).toEqual({
      topic: 'a.topic',
      partition: 0,
      offset: '7',
      key: null,
      headers: {},
      value: null,
    });
  });
});
