import { problemOfMeta } from './meta';

const opaque = 'Zm9vYmFyMTIz'.repeat(5);

describe('a meta', () => {
  it.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['what platforms have', { premium: true, boards: ['b1', 'b2'], followers: 12, tier: null }],
    ['three levels', { a: { b: { c: 1 } } }],
    ['a list of objects', { boards: [{ id: 'b1' }] }],
    ['exactly 4 KiB', { a: 'ab '.repeat(1_362) + 'ab' }],
    ['the name of a credential that is not there', { password: null, hasToken: false }],
    ['a character of two halves', { mood: '🙂' }],
  ])('may hold %s', (_, meta) => {
    expect(problemOfMeta(meta, ['access-1234', 'x'])).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['a byte more than 4 KiB', { a: 'ab '.repeat(1_362) + 'abc' }, 'META_TOO_LARGE', 'meta'],
    ['4 KiB in fewer characters', { a: 'é '.repeat(1_400) }, 'META_TOO_LARGE', 'meta'],
    ['a fourth level', { a: { b: { c: {} } } }, 'META_TOO_DEEP', 'meta.a.b.c'],
    ['a list on the fourth level', { a: [[[]]] }, 'META_TOO_DEEP', 'meta.a[0][0]'],
    ['a key that names one', { access_token: 'abc' }, 'META_HOLDS_CREDENTIAL', 'meta.access_token'],
    ['one with a number', { pin: 1234 }, 'META_HOLDS_CREDENTIAL', 'meta.pin'],
    ['one further in', { a: [{ apiKey: 'k' }] }, 'META_HOLDS_CREDENTIAL', 'meta.a[0].apiKey'],
    [
      'a value that looks like one',
      { a: { note: opaque } },
      'META_HOLDS_CREDENTIAL',
      'meta.a.note',
    ],
    ['one in a list', { a: ['b1', `Bearer ${opaque}`] }, 'META_HOLDS_CREDENTIAL', 'meta.a[1]'],
    ['a key that is one itself', { [opaque]: 1 }, 'META_HOLDS_CREDENTIAL', 'meta.(a key)'],
    ['the very tokens', { note: 'it is access-1234.' }, 'META_HOLDS_CREDENTIAL', 'meta.note'],
    ['what no database takes', { a: 'x\0' }, 'META_NOT_TEXT', 'meta.a'],
    ['half a character', { a: '\ud83d' }, 'META_NOT_TEXT', 'meta.a'],
    ['half a character in a key', { '\ud83d': 1 }, 'META_NOT_TEXT', 'meta.(a key)'],
  ])('may not hold %s', (_, meta, code, path) => {
    expect(problemOfMeta(meta, ['access-1234', 'x'])).toEqual({ code, path });
  });

  it('is never quoted in what is said of it', () => {
    const problem = problemOfMeta({ [`key ${opaque}`]: { token: opaque } }, []);
    expect(JSON.stringify(problem)).not.toContain(opaque);
  });
});
