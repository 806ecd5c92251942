import { compact, jsonTokens, readable } from './json-layout';

const tokensOf = (text: string): readonly string[] => {
  const tokens = jsonTokens(text);
  if (!tokens) throw new Error(`No JSON: ${text}`);
  return tokens;
};

describe('JSON laid out anew', () => {
  it('keeps numbers and keys as they were written', () => {
    const text = '{ "$tb" : 9223372036854775807,\n"a":1.0, "a":[1e400 , -0],"b":[ ],"c":{\n} }';
    expect(compact(tokensOf(text))).toBe(
      '{"$tb":9223372036854775807,"a":1.0,"a":[1e400,-0],"b":[],"c":{}}',
    );
  });

  it('stays on one line when it is short', () => {
    expect(readable(tokensOf('{"a":[1,true,null],"b":"x, y: z"}'))).toBe(
      '{"a": [1, true, null], "b": "x, y: z"}',
    );
  });

  it('is indented when it is long', () => {
    const long = 'x'.repeat(90);
    const value = { a: [1, { b: long }], empty: {}, none: [], quoted: '{"\\[', last: false };
    expect(readable(tokensOf(JSON.stringify(value)))).toBe(JSON.stringify(value, null, 2));
  });

  it('escapes what could steer a terminal, and stays the same JSON', () => {
    const value = { 'k\u009b31m': 'a\u202eb\u007f\u{e0001}' };
    const text = compact(tokensOf(JSON.stringify(value)));
    expect(text).toBe('{"k\\u009b31m":"a\\u202eb\\u007f\\udb40\\udc01"}');
    expect(JSON.parse(text)).toEqual(value);
  });

  it.each(['', '{', 'plain', '{"a":1}}', "{'a':1}"])('is not made of %j', (text) => {
    expect(jsonTokens(text)).toBeUndefined();
  });

  it('takes no more room than it has lines, however deep it is', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(readable(jsonTokens(deep)!).length).toBeLessThan(100 * deep.length);
  });
});
