import { WrongUsage } from '../errors';
import { mandateOf } from './mandate';

describe('A mandate', () => {
  it('says who and why', () => {
    const given = { actor: 'ana@example.com', reason: ' the queue of Acme, ticket #4711 ' };
    expect(mandateOf(given)).toEqual({
      actor: 'ana@example.com',
      reason: 'the queue of Acme, ticket #4711',
    });
  });

  it.each([
    [{}, 'give --actor <who> (or set OPS_ACTOR) and --reason <why>'],
    [{ actor: '', reason: 'a test' }, 'give --actor <who> (or set OPS_ACTOR)'],
    [{ actor: 'ana', reason: ' \n ' }, 'give --reason <why>'],
    [{ actor: 'Ana Maria', reason: 'a test' }, '--actor is one word of up to 100'],
    [{ actor: 'a\u0000na', reason: 'a test' }, '--actor is one word of up to 100'],
    [{ actor: 'a'.repeat(101), reason: 'a test' }, '--actor is one word of up to 100'],
    [{ actor: 'ana', reason: 'two\nlines' }, '--reason is one line of up to 500'],
    [{ actor: 'ana', reason: 'a '.repeat(300) }, '--reason is one line of up to 500'],
    [{ actor: 'ana', reason: `leaked: pb_live_${'aB3'.repeat(11)}` }, 'leave the credential out'],
    [{ actor: `pb_svc_${'aB3'.repeat(11)}`, reason: 'a test' }, 'leave the credential out'],
  ])('is refused in a line that says what to give: %j', (given, line) => {
    expect(() => mandateOf(given)).toThrow(WrongUsage);
    expect(() => mandateOf(given)).toThrow(line);
  });
});
