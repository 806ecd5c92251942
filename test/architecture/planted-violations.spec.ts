import { violationsOf } from './violations';

/** The forms that an import comes in: each must be seen, or the table could be walked around. */
const forms: Readonly<Record<string, (specifier: string) => string>> = {
  'a plain import': (it) => `import { something } from '${it}';`,
  'an import for its effect': (it) => `import '${it}';`,
  'a type import': (it) => `import type { Something } from '${it}';`,
  'a re-export': (it) => `export { something } from '${it}';`,
  'a re-export of everything': (it) => `export * from '${it}';`,
  'a re-export of a type': (it) => `export type { Something } from '${it}';`,
  'a dynamic import': (it) => `export const later = () => import('${it}');`,
  'a dynamic import in a template': (it) => `export const later = () => import(\`${it}\`);`,
  'a require': (it) => `export const something = require('${it}');`,
  'an import by assignment': (it) => `import something = require('${it}');`,
  'an import in a type': (it) => `export type Something = import('${it}').Something;`,
};

/** Where it is planted, and what must not be imported there. */
const planted: readonly (readonly [path: string, specifier: string])[] = [
  ['libs/domain/src/channel/planted.ts', '@nestjs/common'],
  ['libs/domain/src/channel/planted.ts', 'node:crypto'],
  ['libs/domain/src/channel/planted.ts', '@app/config'],
  ['libs/domain/src/channel/planted.ts', '../../../config/src'],
  ['libs/domain/src/planted.ts', '../../config/src/settings'],
  ['libs/contracts/src/planted.ts', '@app/domain'],
  ['libs/projections/src/planted.ts', '@app/kafka'],
  ['libs/projections/src/planted.ts', '../../kafka/src'],
  ['libs/projections/src/planted.ts', '@app/effects'],
  ['libs/queries/src/planted.ts', '@app/token-vault'],
  ['libs/effects/src/planted.ts', '@app/projections'],
  ['libs/commands/src/planted.ts', '@app/kafka'],
  ['libs/commands/src/planted.ts', 'kafkajs'],
  ['libs/commands/src/planted.ts', '@app/testing'],
  ['apps/api/src/planted.ts', '../../relay/src/relay.module'],
  ['apps/api/src/planted.ts', '@app/embedded'],
  ['apps/api/src/planted.ts', '@eventstore/db-client/generated/streams_pb'],
  ['apps/api/src/planted.ts', '../../../test/architecture/imports'],
];

describe.each(planted)('in %s, %s', (path, specifier) => {
  it.each(Object.keys(forms))('is refused as %s', (form) => {
    expect(violationsOf(path, forms[form]!(specifier))).toHaveLength(1);
  });
});

describe('the import table', () => {
  it.each([
    ['libs/domain/src/channel/planted.ts', '../disconnection/effect'],
    ['libs/commands/src/planted.ts', '@app/token-vault'],
    ['libs/commands/src/planted.ts', '@app/observability'],
    ['libs/kafka/src/planted.ts', 'kafkajs'],
    ['libs/local/src/planted.ts', '@app/embedded'],
    ['apps/api/src/planted.ts', '@app/queries'],
    ['libs/domain/src/planted.spec.ts', '@app/testing'],
  ])('lets %s import %s', (path, specifier) => {
    for (const write of Object.values(forms)) {
      expect(violationsOf(path, write(specifier))).toEqual([]);
    }
  });

  it('refuses an import that nobody can follow', () => {
    expect(violationsOf('libs/relay/src/planted.ts', 'import(process.argv[2]);')).toHaveLength(1);
  });

  it('refuses a room that it does not name', () => {
    expect(() => violationsOf('libs/unheard-of/src/planted.ts', `import '@app/domain';`)).toThrow(
      'unheard-of is not in the import table',
    );
  });

  it('is not misled by comments and texts', () => {
    const text = `// import '@nestjs/common'\nexport const text = "import('@nestjs/common')";`;
    expect(violationsOf('libs/domain/src/planted.ts', text)).toEqual([]);
  });
});

describe('a pure room', () => {
  it.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'process.env.HOME',
    'globalThis.process',
    'crypto.randomUUID()',
    'setTimeout(f, 1)',
    'console.log(1)',
  ])('has no %s', (expression) => {
    for (const room of ['domain', 'contracts']) {
      const path = `libs/${room}/src/planted.ts`;
      expect(violationsOf(path, `export const value = ${expression};`)).not.toEqual([]);
    }
    expect(violationsOf('libs/relay/src/planted.ts', `f(${expression});`)).toEqual([]);
  });

  it.each(['new Date(text)', 'Date.parse(text)', 'Math.max(1, 2)', '{ process: 1 }', 'it.process'])(
    'may have %s',
    (expression) => {
      const text = `export const value = ${expression};`;
      expect(violationsOf('libs/domain/src/planted.ts', text)).toEqual([]);
    },
  );
});
