import { isSoftDeleted, parseMetadata, revival, softDeletion } from './stream-metadata';

const parse = (json: string): unknown => parseMetadata(Buffer.from(json, 'utf8'));

describe('the metadata of a stream', () => {
  it.each([
    ['{"$tb":7,"$maxCount":2,"$maxAge":3}', { truncateBefore: 7, maxCount: 2, maxAgeMs: 3_000 }],
    ['{"$tb":0}', { truncateBefore: 0 }],
    ['{"$acl":{"$r":"$all"},"owner":"me"}', {}],
    ['{}', {}],
  ])('%s', (json, metadata) => expect(parse(json)).toEqual(metadata));

  it.each(['', 'no json', '[]', '1', 'null', '{"$maxCount":0}', '{"$maxCount":"2"}', '{"$tb":-1}'])(
    'says nothing as %p',
    (json) => expect(parse(json)).toEqual({}),
  );

  it('says nothing at all when a part of it makes no sense', () => {
    expect(parse('{"$tb":7,"$maxAge":1.5}')).toEqual({});
  });

  it('of a soft-deleted stream hides everything, by the exact number of the real server', () => {
    const { data, type, contentType } = softDeletion();
    expect(Buffer.from(data).toString()).toBe('{"$tb":9223372036854775807}');
    expect({ type, contentType }).toEqual({ type: '$metadata', contentType: 'application/json' });
    expect(isSoftDeleted(parseMetadata(data))).toBe(true);
    expect(isSoftDeleted({ truncateBefore: Number.MAX_SAFE_INTEGER })).toBe(false);
  });

  it('of a revived stream hides what was there, and keeps the rest', () => {
    const { data } = revival(Buffer.from('{"$tb":9223372036854775807,"$maxCount":3,"a":[1]}'), 5);
    expect(JSON.parse(Buffer.from(data).toString())).toEqual({ $tb: 5, $maxCount: 3, a: [1] });
    expect(isSoftDeleted(parseMetadata(data))).toBe(false);
  });
});
