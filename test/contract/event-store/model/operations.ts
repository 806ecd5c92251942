import fc from 'fast-check';
import type { Direction } from './model';

/**
 * What can be done to a store. Revisions and places are relative to what is there when it is done,
 * so that an operation still makes sense when fast-check leaves out those before it.
 */
export type Operation =
  | {
      readonly does: 'append';
      readonly stream: string;
      readonly expected: RelativeExpected | 'stream_exists';
      readonly ids: readonly number[];
      readonly unary: boolean;
      readonly inManyMessages: boolean;
    }
  /** An append from before, by a client that had no answer, or that is confused. */
  | {
      readonly does: 'repeat';
      readonly which: number;
      readonly ids: 'the same' | 'the first' | 'one more';
      readonly unary: boolean;
    }
  | {
      readonly does: 'delete' | 'tombstone';
      readonly stream: string;
      readonly expected: RelativeExpected;
    }
  | {
      readonly does: 'set metadata';
      readonly stream: string;
      readonly maxCount?: number | undefined;
      readonly truncateBefore?: number | undefined;
    }
  | {
      readonly does: 'read';
      readonly stream: string;
      readonly direction: Direction;
      readonly from: 'start' | 'end' | number;
      readonly maxCount: number;
    }
  | {
      readonly does: 'read all';
      readonly direction: Direction;
      readonly from: number;
      readonly maxCount: number;
    }
  | {
      readonly does: 'subscribe';
      readonly stream: string;
      readonly after: 'start' | 'end' | number;
    }
  | {
      readonly does: 'subscribe to all';
      readonly after: number;
      readonly on: 'stream' | 'type';
      readonly by: 'prefixes' | 'expression';
      readonly names: readonly string[];
    }
  | { readonly does: 'restart' };

/** So many revisions before the last one; -1 is one that does not exist yet. */
export type RelativeExpected = 'any' | 'no_stream' | { readonly beforeLast: number };

const stream = fc.constantFrom('a', 'b', 'c');
const direction = fc.constantFrom<Direction[]>('forwards', 'backwards');
const maxCount = fc.integer({ min: 1, max: 8 });
const beforeLast = fc.record({ beforeLast: fc.integer({ min: -1, max: 4 }) });
const place = fc.oneof(
  fc.constantFrom<('start' | 'end')[]>('start', 'end'),
  fc.integer({ min: 0, max: 8 }),
);
/** Few, so that they meet again, in the same stream and in others. */
const ids = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 });

const doing = <Does extends Operation['does'], Rest>(does: Does, rest: fc.Arbitrary<Rest>) =>
  rest.map((parts) => ({ does, ...parts }));

const appending = doing(
  'append',
  fc.record({
    stream,
    expected: fc.oneof(
      fc.constantFrom<('any' | 'no_stream' | 'stream_exists')[]>(
        ...(['any', 'no_stream', 'stream_exists'] as const),
      ),
      beforeLast,
    ),
    ids,
    unary: fc.boolean(),
    inManyMessages: fc.boolean(),
  }),
);

const repeating = fc.record({
  which: fc.nat(20),
  ids: fc.constantFrom<('the same' | 'the first' | 'one more')[]>(
    'the same',
    'the first',
    'one more',
  ),
  unary: fc.boolean(),
});

const expected = fc.oneof(
  { weight: 3, arbitrary: fc.constant('any' as const) },
  fc.constant('no_stream' as const),
  beforeLast,
);

/** @param mayRestart not a server of others */
export function operations(mayRestart: boolean): fc.Arbitrary<Operation[]> {
  const operation = fc.oneof<fc.WeightedArbitrary<Operation>[]>(
    { weight: 20, arbitrary: appending },
    { weight: 8, arbitrary: doing('repeat', repeating) },
    { weight: 3, arbitrary: doing('delete', fc.record({ stream, expected })) },
    { weight: 1, arbitrary: doing('tombstone', fc.record({ stream, expected })) },
    {
      weight: 3,
      arbitrary: doing(
        'set metadata',
        fc.record({
          stream,
          maxCount: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
          truncateBefore: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
        }),
      ),
    },
    {
      weight: 8,
      arbitrary: doing(
        'read',
        fc.record({
          stream: fc.oneof(
            { weight: 4, arbitrary: stream },
            stream.map((name) => `$$${name}`),
          ),
          direction,
          from: place,
          maxCount,
        }),
      ),
    },
    {
      weight: 4,
      arbitrary: doing('read all', fc.record({ direction, from: fc.nat(40), maxCount })),
    },
    { weight: 4, arbitrary: doing('subscribe', fc.record({ stream, after: place })) },
    { weight: 4, arbitrary: doing('subscribe to all', filtered()) },
    { weight: mayRestart ? 1 : 0, arbitrary: fc.constant({ does: 'restart' as const }) },
  );
  return fc.array(operation, { minLength: 1, maxLength: 40, size: 'max' });
}

function filtered() {
  const names = (of: string[]) => fc.subarray(of, { minLength: 1 });
  const rest = {
    after: fc.nat(40),
    by: fc.constantFrom<('prefixes' | 'expression')[]>('prefixes', 'expression'),
  };
  return fc.oneof(
    fc.record({
      ...rest,
      on: fc.constant('stream' as const),
      names: names(['a', 'b', '$$a', '$$c']),
    }),
    fc.record({ ...rest, on: fc.constant('type' as const), names: names(['Red', 'Blue']) }),
  );
}
