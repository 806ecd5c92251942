import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { CallError } from './call-error';
import { decodeFilter } from './filter';

const { FilterOptions } = ReadReq.Options;

function options(
  on: 'stream' | 'type',
  { prefixes = [], regex = '' }: { prefixes?: string[]; regex?: string },
): ReadReq.Options.FilterOptions {
  const expression = new FilterOptions.Expression().setPrefixList(prefixes).setRegex(regex);
  const filter = new FilterOptions().setCheckpointintervalmultiplier(1);
  return on === 'stream' ? filter.setStreamIdentifier(expression) : filter.setEventType(expression);
}

describe('a filter', () => {
  const event = { stream: 'channel-1', type: 'ChannelConnected' };

  it.each<['stream' | 'type', { prefixes?: string[]; regex?: string }, boolean]>([
    ['stream', { prefixes: ['channel-'] }, true],
    ['stream', { prefixes: ['disconnection-', 'channel-'] }, true],
    ['stream', { prefixes: ['Channel'] }, false],
    ['stream', { prefixes: ['hannel'] }, false],
    ['type', { prefixes: ['Channel'] }, true],
    ['type', { prefixes: ['channel-'] }, false],
    ['stream', { regex: '^channel-\\d$' }, true],
    ['type', { regex: '^[^$].*' }, true],
    ['type', { regex: '^Disconnected' }, false],
  ])('on the %s by %j: %s', (on, expression, matches) => {
    expect(decodeFilter(options(on, expression)).matches(event)).toBe(matches);
  });

  it.each([
    [1, undefined, 32],
    [3, undefined, 96],
    [2, 10, 20],
  ])('with multiplier %d and window %s has a checkpoint every %d events', (times, max, every) => {
    const filter = options('stream', { prefixes: ['a'] }).setCheckpointintervalmultiplier(times);
    if (max !== undefined) filter.setMax(max);
    expect(decodeFilter(filter).checkpointInterval).toBe(every);
  });

  it.each([
    ['filters on nothing', new FilterOptions().setCheckpointintervalmultiplier(1)],
    ['has no checkpoints', options('type', { prefixes: ['a'] }).setCheckpointintervalmultiplier(0)],
    ["can't be compiled", options('type', { regex: '(' })],
  ])('is refused when it %s', (_name, filter) => {
    expect(() => decodeFilter(filter)).toThrow(CallError);
  });

  it('is asked as often as there are events, whatever it was asked before', () => {
    const { matches } = decodeFilter(options('type', { regex: '^T\\d*[02468]$' }));
    const types = Array.from({ length: 3_000 }, (_, n) => `T${n % 1_500}`);
    expect(types.filter((type) => matches({ stream: 's', type }))).toHaveLength(1_500);
  });

  it('whose expression takes twice as long for each letter is given up', () => {
    const { matches } = decodeFilter(options('type', { regex: '^(?=(a+)+!)' }));
    const late = (): boolean => matches({ stream: 's', type: 'a'.repeat(60) });
    expect(late).toThrow(CallError);
    expect(late).toThrow(/takes too long for a text of 60 characters/);
    expect(matches({ stream: 's', type: 'aa!' })).toBe(true);
  });
});
