import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Checkpoint } from '@app/persistence';
import { CheckpointMoved, CheckpointStore } from '@app/persistence';
import { useTestBed } from '@app/testing';

const bed = useTestBed();
let dataSource: DataSource;
let checkpoints: CheckpointStore;
beforeAll(async () => {
  dataSource = await bed.dataSource();
  checkpoints = new CheckpointStore(dataSource);
});

function at(position: bigint): Checkpoint {
  const place = { commit: position, prepare: position - 1n };
  return {
    position: place,
    event: { id: randomUUID(), position: place, recordedAt: new Date('2026-11-02T09:00:00.123Z') },
  };
}

function save(name: string, previous: Checkpoint | null, next: Checkpoint): Promise<void> {
  return checkpoints.save(dataSource.manager, name, previous, next);
}

it('is null before the first, and then what was saved last', async () => {
  // Beyond what a number holds exactly, and what bigint does in PostgreSQL.
  const [first, second] = [at(9_007_199_254_740_993n), at(18_446_744_073_709_551_615n)];
  expect(await checkpoints.load('moves')).toBeNull();
  await save('moves', null, first);
  expect(await checkpoints.load('moves')).toEqual(first);
  await save('moves', first, second);
  expect(await checkpoints.load('moves')).toEqual(second);
});

it('is not moved by whoever does not know where it is', async () => {
  const [first, second] = [at(1n), at(2n)];
  await save('guarded', null, first);
  await expect(save('guarded', null, second)).rejects.toThrow(CheckpointMoved);
  await expect(save('guarded', second, at(3n))).rejects.toThrow(CheckpointMoved);
  await expect(save('nowhere', first, second)).rejects.toThrow(CheckpointMoved);
  expect(await checkpoints.load('guarded')).toEqual(first);
  expect(await checkpoints.load('nowhere')).toBeNull();
});

it('is moved by exactly one of many who try at once', async () => {
  const first = at(1n);
  await save('raced', null, first);
  const tries = Array.from({ length: 8 }, (_, n) =>
    dataSource.transaction((manager) =>
      checkpoints.save(manager, 'raced', first, at(BigInt(n + 2))),
    ),
  );
  const outcomes = await Promise.allSettled(tries);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('goes back with its transaction', async () => {
  const failed = dataSource.transaction(async (manager) => {
    await checkpoints.save(manager, 'undone', null, at(1n));
    throw new Error('rows that could not be written');
  });
  await expect(failed).rejects.toThrow('could not be written');
  expect(await checkpoints.load('undone')).toBeNull();
});

it('is forgotten only by whoever knows where it is', async () => {
  const [first, second] = [at(1n), at(2n)];
  await save('forgotten', null, first);
  const forget = (known: Checkpoint) => checkpoints.forget(dataSource.manager, 'forgotten', known);
  await expect(forget(second)).rejects.toThrow(CheckpointMoved);
  await forget(first);
  expect(await checkpoints.load('forgotten')).toBeNull();
});
