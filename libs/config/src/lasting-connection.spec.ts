import { LastingConnection } from './lasting-connection';

/** Milliseconds of a question. */
const shortMs = 20;
const forEver = new Promise<never>(() => undefined);

describe('A connection that lasts', () => {
  let made: { finish(): void; fail(error: Error): void; lost(): void }[];
  let dropped: number[];
  let lasting: LastingConnection<number>;
  beforeEach(() => {
    [made, dropped] = [[], []];
    const openings: Promise<void>[] = [];
    lasting = new LastingConnection<number>({
      make: (_, lost) => {
        openings.push(new Promise((finish, fail) => made.push({ finish, fail, lost })));
        return made.length - 1;
      },
      open: (n) => openings[n]!,
      drop: (n) => void dropped.push(n),
    });
  });
  const ask = (question = (n: number): Promise<unknown> => Promise.resolve(n)) =>
    lasting.ask(shortMs, question);
  const late = `no answer within ${shortMs} ms`;

  it('is opened for as many questions as it takes, and then answers', async () => {
    for (let n = 0; n < 3; n++) await expect(ask()).rejects.toThrow(late);
    made[0]!.finish();
    expect(await ask()).toBe(0);
    expect(await ask()).toBe(0);
    expect([made.length, dropped]).toEqual([1, []]);
  });

  it('is left alone by a question that it was opened in the middle of', async () => {
    const asking = ask(() => forEver);
    made[0]!.finish();
    await expect(asking).rejects.toThrow(late);
    expect(await ask()).toBe(0);
    expect(dropped).toEqual([]);
  });

  it('is dropped when it was open and does not answer; the next question has another one', async () => {
    const first = ask();
    made[0]!.finish();
    expect(await first).toBe(0);
    await expect(ask(() => forEver)).rejects.toThrow(late);
    expect(dropped).toEqual([0]);
    const second = ask();
    made[1]!.finish();
    expect(await second).toBe(1);
  });

  it.each<[string, () => void, string]>([
    ['it can not be opened', () => made[0]!.fail(new Error('refused')), 'refused'],
    ['it breaks while it is opened', () => made[0]!.lost(), late],
    ['it is closed', () => lasting.close(), late],
  ])('is dropped once when %s', async (_, happen, told) => {
    const asking = ask();
    happen();
    await expect(asking).rejects.toThrow(told);
    lasting.close();
    expect(dropped).toEqual([0]);
  });

  it.each<[string, () => void]>([
    ['opens', () => made[0]!.finish()],
    ['fails', () => made[0]!.fail(new Error('refused'))],
  ])('is dropped once more when it %s after it was given up', async (_, settle) => {
    await expect(ask()).rejects.toThrow(late);
    lasting.close();
    expect(dropped).toEqual([0]);
    settle();
    await Promise.resolve();
    expect(dropped).toEqual([0, 0]);
  });

  it('is dropped when the question fails', async () => {
    const asking = ask(() => Promise.reject(new Error('an older schema')));
    made[0]!.finish();
    await expect(asking).rejects.toThrow('an older schema');
    expect(dropped).toEqual([0]);
  });
});
