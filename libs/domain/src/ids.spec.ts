import { isId } from './ids';

const ulid = '01JBN8Z6Q4V5W6X7Y8Z9A0B1C2';

describe('an id', () => {
  it.each([
    ['channel', `soc_${ulid}`],
    ['workspace', `ws_${ulid}`],
    ['user', `usr_${ulid}`],
    ['post', `post_${ulid}`],
  ] as const)('of a %s is known by its form', (kind, id) => {
    expect(isId(kind, id)).toBe(true);
  });

  it.each([
    ['lower case', `soc_${ulid.toLowerCase()}`],
    ['another prefix', `ws_${ulid}`],
    ['no prefix', ulid],
    ['one character less', `soc_${ulid.slice(1)}`],
    ['one character more', `soc_${ulid}0`],
    ['a time that does not fit into 48 bits', `soc_8${ulid.slice(1)}`],
    ['an I', `soc_${ulid.slice(0, -1)}I`],
    ['an L', `soc_${ulid.slice(0, -1)}L`],
    ['an O', `soc_${ulid.slice(0, -1)}O`],
    ['a U', `soc_${ulid.slice(0, -1)}U`],
    ['a line break behind it', `soc_${ulid}\n`],
    ['no text', 42],
    ['nothing', undefined],
  ])('with %s is none', (_, id) => {
    expect(isId('channel', id)).toBe(false);
  });
});
