import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sentences } from './contract';
import { tiesOf } from './harness/ties';

const specs = readdirSync(__dirname).filter(
  (name) => name.endsWith('.spec.ts') && name !== 'contract.spec.ts',
);
const ties = specs.map((name) => ({
  name,
  ...tiesOf(readFileSync(join(__dirname, name), 'utf8')),
}));

describe('the contract', () => {
  it('has a test for each of its lines', () => {
    const held = new Set(ties.flatMap((file) => file.held));
    expect([...sentences.keys()].filter((id) => !held.has(id))).toEqual([]);
  });

  it.each(ties)('has a line for each test of $name', ({ held, loose }) => {
    expect(loose).toEqual([]);
    expect(held.filter((id) => !sentences.has(id))).toEqual([]);
  });
});

describe('the look at a spec file', () => {
  it('finds the line that a test stands under, also in a table of tests', () => {
    const source = `
      describe.each(ways)('appending, %s', () => {
        describe(rule('a'), () => { it('...', () => {}); it.each([1])('%d', () => {}); });
        embeddedOnly(rule('b'), () => { describe('x', () => { it('...', () => {}); }); });
      });`;
    expect(tiesOf(source)).toEqual({ held: ['a', 'b'], loose: [] });
  });

  it('finds tests under no line, and no line without a test', () => {
    const source = `describe(rule('empty'), () => {});
      describe('x', () => { it('free', f); it.each([1])('too', f); });`;
    expect(tiesOf(source)).toEqual({
      held: [],
      loose: ["line 2: it('free', f)", "line 2: it.each([1])('too', f)"],
    });
  });
});
