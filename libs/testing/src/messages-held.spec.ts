import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageTypes } from '@app/contracts';
import { forgedHeader, problemOf } from './messages-held';

interface Golden {
  readonly topic: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly data: Record<string, unknown>;
}

function golden(type: string, change: Partial<Golden> = {}) {
  const file = join(
    __dirname,
    `../../contracts/goldens/${type.replace('ai.postbreeze.', '')}.json`,
  );
  const { data, ...rest } = {
    ...(JSON.parse(readFileSync(file, 'utf8')) as Golden),
    ...change,
  };
  return { ...rest, value: Buffer.from(JSON.stringify(data)) };
}

describe('a message that was sent', () => {
  it.each(messageTypes)('holds when it is as the golden of %s', (type) => {
    expect(problemOf(golden(type))).toBeUndefined();
  });

  const type = 'ai.postbreeze.disconnection.completed.v1';
  const { headers } = golden(type);
  const data = JSON.parse(String(golden(type).value)) as Record<string, unknown>;

  it.each<[string, Partial<Golden>, string]>([
    ['another topic', { topic: 'postbreeze.channels.v1' }, 'not for this topic'],
    ['another key', { key: 'soc_01' }, 'the key is not the subject'],
    ['an unknown type', { headers: { ...headers, ce_type: 'none' } }, "no such type: 'none'"],
    ['no type', { headers: {} }, "no such type: ''"],
    ['no id', { headers: { ...headers, ce_id: '1' } }, 'headers: '],
    ['a handle', { data: { ...data, handle: '@brand' } }, 'data has more than its schema: handle'],
    ['a field less', { data: { channelId: data.channelId } }, 'data: '],
  ])('is told of when it has %s', (_, change, problem) => {
    expect(problemOf(golden(type, change))).toContain(problem);
  });

  it('is let pass when a test says that it forged it', () => {
    expect(problemOf(golden(type, { headers: { [forgedHeader]: 'yes' } }))).toBeUndefined();
  });
});
