import type { Answer, Expected, Model } from './model';
import type { Operation, RelativeExpected } from './operations';

type Relative = 'append' | 'delete' | 'tombstone';
type WithExpected<Some> = Some extends unknown
  ? Omit<Some, 'expected'> & { readonly expected: Expected }
  : never;

/** An operation with its revisions and places as they are at this moment. */
export type Resolved =
  | WithExpected<Extract<Operation, { does: Relative }>>
  | Exclude<Operation, { does: Relative | 'repeat' }>;
export type ResolvedAppend = Extract<Resolved, { does: 'append' }>;

/** Ids of even numbers are of one type, the others of the other. */
export const typeOf = (id: number): string => (id % 2 === 0 ? 'Red' : 'Blue');

/**
 * Settles what an operation refers to. Undefined when there is nothing yet to refer to.
 *
 * @param appends those that were done, in order
 */
export function resolve(
  model: Model,
  operation: Operation,
  appends: readonly ResolvedAppend[],
): Resolved | undefined {
  switch (operation.does) {
    case 'repeat': {
      const append = appends[operation.which % appends.length];
      const { unary } = operation;
      return append && { ...append, unary, ids: idsOf(append.ids, operation.ids) };
    }
    case 'append':
    case 'delete':
    case 'tombstone':
      return {
        ...operation,
        expected: expectedOf(model.lastRevision(operation.stream), operation.expected),
      };
    case 'read all':
      return model.log.length === 0
        ? undefined
        : { ...operation, from: operation.from % model.log.length };
    case 'subscribe to all':
      return model.log.length === 0
        ? undefined
        : { ...operation, after: operation.after % model.log.length };
    default:
      return operation;
  }
}

function idsOf(
  ids: readonly number[],
  which: 'the same' | 'the first' | 'one more',
): readonly number[] {
  if (which === 'the first') return ids.slice(0, 1);
  return which === 'one more' ? [...ids, (ids.at(-1)! + 1) % 10] : ids;
}

function expectedOf(last: number, expected: RelativeExpected | 'stream_exists'): Expected {
  if (typeof expected === 'string') return expected;
  const revision = last - expected.beforeLast;
  // A tombstone's revision can't be expected, nor one before the first.
  return revision < 0 || revision > 1_000 ? 'no_stream' : revision;
}

/** Does it to the model. A restart has no answer. */
export function answerOf(model: Model, operation: Resolved): Answer | undefined {
  switch (operation.does) {
    case 'append':
      return model.append(
        operation.stream,
        operation.expected,
        operation.ids.map((id) => ({ id, type: typeOf(id) })),
      );
    case 'delete':
      return model.delete(operation.stream, operation.expected);
    case 'tombstone':
      return model.tombstone(operation.stream, operation.expected);
    case 'set metadata': {
      const { stream, maxCount, truncateBefore } = operation;
      return model.setMetadata(stream, {
        ...(maxCount !== undefined && { $maxCount: maxCount }),
        ...(truncateBefore !== undefined && { $tb: truncateBefore }),
      });
    }
    case 'read': {
      const { stream, direction, maxCount } = operation;
      return model.read(stream, { direction, from: startOf(operation), maxCount });
    }
    case 'read all':
      return model.readAll(operation);
    case 'subscribe':
      return model.subscribe(operation.stream, afterOf(operation.after));
    case 'subscribe to all':
      return model.subscribeToAll(operation.after, operation.on, operation.names);
    case 'restart':
      model.forget();
      return undefined;
  }
}

/** A stream can't be read forwards from its end: that begins at the start here. */
function startOf({ direction, from }: Operation & { does: 'read' }): number {
  if (from === 'start') return 0;
  if (from !== 'end') return from;
  return direction === 'forwards' ? 0 : Infinity;
}

function afterOf(after: 'start' | 'end' | number): number {
  if (after === 'start') return -1;
  return after === 'end' ? Infinity : after;
}
