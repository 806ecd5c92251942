import fc from 'fast-check';
import { answerOf, resolve, type ResolvedAppend } from './model/by-model';
import { Follower } from './model/follower';
import { Model, type Answer } from './model/model';
import { operations, type Operation } from './model/operations';
import { RealStore } from './model/real-store';
import { rule } from './harness/rule';
import { serverOfThisFile } from './harness/server';

/**
 * Random histories, held against the model. One that goes otherwise is made as short as it can be,
 * and printed with the seed that repeats it: `fc.assert(..., { seed, path })`.
 */
const server = serverOfThisFile();
const { restart } = server;

describe(rule('all-of-it/model'), () => {
  it('each answer, all that is stored, and what a subscriber was told', async () => {
    await fc.assert(fc.asyncProperty(operations(restart !== undefined), goesAsTheModelSays), {
      numRuns: 20,
    });
  });
});

async function goesAsTheModelSays(history: Operation[]): Promise<void> {
  const model = new Model();
  const appends: ResolvedAppend[] = [];
  const store = await RealStore.on(server);
  const follower = new Follower(store);
  await follower.start();
  try {
    for (const operation of history) {
      const resolved = resolve(model, operation, appends);
      if (!resolved) continue;
      if (resolved.does === 'append') appends.push(resolved);
      const expected = answerOf(model, resolved);
      if (resolved.does === 'restart') {
        await follower.stop();
        await restart?.();
        await follower.start();
      } else {
        expectAnswer(await store.do(resolved), expected!);
      }
      expect(store.log).toEqual(model.log);
    }
    await follower.caughtUpWith(model.log.length);
    expect(follower.told).toEqual(model.log);
  } finally {
    await follower.stop();
  }
}

function expectAnswer(actual: Answer, expected: Answer): void {
  const isPlaceLeftOpen =
    typeof expected === 'object' && 'revision' in expected && !('at' in expected);
  if (isPlaceLeftOpen) expect(actual).toMatchObject(expected);
  else expect(actual).toEqual(expected);
}
