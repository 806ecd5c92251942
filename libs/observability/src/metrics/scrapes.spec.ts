import { counter, gauge } from './meters';
import type { Sample } from './scrapes';
import { Scrapes } from './scrapes';

const level = gauge({ name: 'postbreeze_level', help: 'A test.' });
const levels = gauge({ name: 'postbreeze_levels', help: 'A test.', labels: ['of'] });

/** A reading whose engine the test is. */
function reading(name: string) {
  let asked = 0;
  let answer: () => Promise<readonly Sample[]> = async () => [];
  return {
    name,
    gauges: [level, levels],
    read: () => {
      asked += 1;
      return answer();
    },
    answers: (samples: readonly Sample[]) => (answer = async () => samples),
    fails: () => (answer = () => Promise.reject(new Error('away'))),
    hangs: () => (answer = () => new Promise(() => undefined)),
    asked: () => asked,
  };
}

const lines = (exposition: string): string[] =>
  exposition.split('\n').filter((line) => /^postbreeze_(level|scrape)/.test(line));

it('A gauge that nobody has set has no series, and a counter begins with those that are named', async () => {
  counter({ name: 'postbreeze_begun_total', help: 'A test.', labels: ['a'], zeroes: [{ a: 'b' }] });
  const exposition = await new Scrapes({ metricsCacheMs: 0 }).exposition();
  expect(lines(exposition)).toEqual([]);
  expect(exposition).toContain('postbreeze_begun_total{a="b"} 0');
});

it('A reading shows what it has read; what it did not read any more is gone', async () => {
  const scrapes = new Scrapes({ metricsCacheMs: 0 });
  const one = reading('one');
  scrapes.add(one);
  one.answers([
    { of: level, value: 1 },
    { of: levels, labels: { of: 'x' }, value: 2 },
  ]);
  const errors = 'postbreeze_scrape_errors_total{reading="one"}';
  expect(lines(await scrapes.exposition()).sort()).toEqual([
    'postbreeze_level 1',
    'postbreeze_levels{of="x"} 2',
    `${errors} 0`,
  ]);
  one.answers([{ of: levels, labels: { of: 'y' }, value: 3 }]);
  expect(lines(await scrapes.exposition()).sort()).toEqual([
    'postbreeze_levels{of="y"} 3',
    `${errors} 0`,
  ]);
  one.fails();
  expect(lines(await scrapes.exposition())).toEqual([`${errors} 1`]);
});

it('A reading is asked once in a while, and once for all who scrape meanwhile', async () => {
  const scrapes = new Scrapes({ metricsCacheMs: 60_000 });
  const two = reading('two');
  scrapes.add(two);
  await Promise.all([scrapes.exposition(), scrapes.exposition()]);
  await scrapes.exposition();
  expect(two.asked()).toBe(1);
});

it('A reading that hangs is not waited for, and not asked again beside itself', async () => {
  const scrapes = new Scrapes({ metricsCacheMs: 0 });
  const three = reading('three');
  scrapes.add(three);
  three.hangs();
  const begun = performance.now();
  const both = await Promise.all([scrapes.exposition(), scrapes.exposition()]);
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(both.flatMap(lines)).toContain('postbreeze_scrape_errors_total{reading="three"} 2');
  expect(three.asked()).toBe(1);
});
