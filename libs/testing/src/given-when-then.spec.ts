import type { ChannelEvent } from '@app/domain';
import { DomainError } from '@app/domain';
import { abandoned, connected } from './builders';
import { deciderOf } from './given-when-then';

/** Counts events; the specification of a decider is held to what it promises. */
const counter = deciderOf<number, ChannelEvent>({ initial: 0, evolve: (count) => count + 1 });
const [first, second] = [connected(), abandoned()];
const refusing = (): never => {
  throw new DomainError('CHANNEL_NOT_FOUND', 'no');
};

describe('given, when, then', () => {
  it('decides on what was given', () => {
    counter
      .given([first])
      .when((count) => (count === 1 ? [second] : []))
      .then([second]);
  });

  it.each([
    ['an event too many', () => [first, second]],
    ['an event too few', () => []],
    ['another order', () => [second, first]],
    ['other data', () => [connected()]],
  ])('fails on %s', (_, decide: () => ChannelEvent[]) => {
    const outcome = counter.given([]).when(decide);
    expect(() => outcome.then([first])).toThrow();
  });

  it('tells a refusal by its code', () => {
    const outcome = counter.given([]).when(refusing);
    outcome.thenThrows('CHANNEL_NOT_FOUND');
    expect(() => outcome.thenThrows('CONNECT_ABANDONED')).toThrow();
    expect(() => outcome.then([])).toThrow(DomainError);
  });

  it('fails when a refusal was expected and none came', () => {
    const outcome = counter.given([]).when(() => []);
    expect(() => outcome.thenThrows('CHANNEL_NOT_FOUND')).toThrow('no refusal');
  });

  it('lets through what is no refusal: a broken decider', () => {
    const outcome = counter.given([]).when(() => {
      throw new TypeError('broken');
    });
    expect(() => outcome.thenThrows('CHANNEL_NOT_FOUND')).toThrow(TypeError);
  });
});
