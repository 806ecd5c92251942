import {
  decideAppend,
  type Decision,
  type ExpectedRevision,
  type StreamView,
} from './expected-revision';

/** A stream that holds these ids, of which those after `forgotten` are still remembered. */
function stream(
  ids: string[],
  { forgotten = 0, isSoftDeleted = false, isTombstoned = false, hasMetadata = false } = {},
): StreamView {
  return {
    lastRevision: ids.length - 1,
    isSoftDeleted,
    isTombstoned,
    hasMetadata: () => hasMetadata,
    idAt: (revision) => ids[revision],
    recentRevisionOf: (id) => {
      const revision = ids.lastIndexOf(id);
      return revision >= forgotten ? revision : undefined;
    },
  };
}

const append: Decision = { kind: 'append' };
const refuse: Decision = { kind: 'refuse' };
const retry = (lastRevision: number): Decision => ({ kind: 'retry', lastRevision });

describe('what an append expects of its stream', () => {
  const none = stream([]);
  const abc = stream(['a', 'b', 'c']);
  const abcForgotten = stream(['a', 'b', 'c'], { forgotten: 3 });

  it.each<[string, ExpectedRevision, string[], StreamView, Decision]>([
    ['no stream, and there is none', 'no_stream', ['x'], none, append],
    ['no stream, and there is one', 'no_stream', ['x'], abc, refuse],
    ['the last revision', 2, ['x'], abc, append],
    ['a revision before the last', 1, ['x'], abc, refuse],
    ['a revision after the last', 3, ['x'], abc, refuse],
    ['a revision of no stream', 0, ['x'], none, refuse],
    ['a stream, and there is one', 'stream_exists', ['x'], abc, append],
    ['a stream, and there is none', 'stream_exists', ['x'], none, refuse],
    ['anything', 'any', ['x'], abc, append],
    ['anything of no stream', 'any', ['x'], none, append],
  ])('%s', (_name, expected, ids, view, decision) => {
    expect(decideAppend(expected, ids, view)).toEqual(decision);
  });

  it.each<[string, ExpectedRevision, string[], StreamView, Decision]>([
    ['the first append, with no_stream', 'no_stream', ['a'], abcForgotten, retry(0)],
    ['all three events, with no_stream', 'no_stream', ['a', 'b', 'c'], abcForgotten, retry(2)],
    ['the middle one, by its revision', 0, ['b'], abcForgotten, retry(1)],
    ['the end, by its revision', 1, ['c'], abcForgotten, retry(2)],
    ['with any, while remembered', 'any', ['b', 'c'], abc, retry(2)],
    ['with stream_exists, while remembered', 'stream_exists', ['a', 'b'], abc, retry(1)],
  ])('recognises a repeat of %s', (_name, expected, ids, view, decision) => {
    expect(decideAppend(expected, ids, view)).toEqual(decision);
  });

  it.each<[string, ExpectedRevision, string[], StreamView, Decision]>([
    ['known ids, then a new one, with no_stream', 'no_stream', ['a', 'b', 'x'], abc, refuse],
    ['known ids, then more than the stream has', 1, ['c', 'x'], abc, refuse],
    ['known ids, then a new one, with any', 'any', ['b', 'c', 'x'], abc, refuse],
    ['a new id, then a known one, with no_stream', 'no_stream', ['x', 'b'], abc, refuse],
    ['known ids at another revision', 0, ['c'], abc, refuse],
    ['a new id first, with any: it is new as a whole', 'any', ['x', 'b'], abc, append],
    ['known ids that are forgotten, with any', 'any', ['a', 'b'], abcForgotten, append],
  ])('takes care of %s', (_name, expected, ids, view, decision) => {
    expect(decideAppend(expected, ids, view)).toEqual(decision);
  });

  it.each<[string, ExpectedRevision, Decision]>([
    ['holds', 2, append],
    ['holds for any', 'any', append],
    ['is behind', 1, refuse],
    ['is no_stream', 'no_stream', refuse],
  ])('without events only says whether the expectation %s', (_name, expected, decision) => {
    expect(decideAppend(expected, [], abc)).toEqual(decision);
  });

  const deleted: Decision = { kind: 'deleted' };
  const gone = stream(['a', 'b', 'c'], { forgotten: 3, isSoftDeleted: true, hasMetadata: true });
  const described = stream([], { hasMetadata: true });
  const ended = stream(['a'], { isTombstoned: true });

  it.each<[string, ExpectedRevision, string[], StreamView, Decision]>([
    ['no stream, and it was deleted', 'no_stream', ['x'], gone, append],
    ['the last revision of a deleted one', 2, ['x'], gone, append],
    ['another revision of a deleted one', 1, ['x'], gone, refuse],
    ['anything of a deleted one', 'any', ['x'], gone, append],
    ['a stream, and it was deleted', 'stream_exists', ['x'], gone, deleted],
    ['no stream, repeated after it was deleted', 'no_stream', ['a', 'b'], gone, retry(1)],
    ['no stream, half repeated after that', 'no_stream', ['a', 'x'], gone, refuse],
    ['a stream, and there is only its metadata', 'stream_exists', ['x'], described, append],
    ['no stream, and there is only its metadata', 'no_stream', ['x'], described, append],
    ['anything of a tombstoned one', 'any', ['x'], ended, deleted],
    ['no stream, and it was tombstoned', 'no_stream', ['x'], ended, deleted],
    ['the first revision of a tombstoned one, repeated', 'no_stream', ['a'], ended, deleted],
  ])('%s', (_name, expected, ids, view, decision) => {
    expect(decideAppend(expected, ids, view)).toEqual(decision);
  });
});
