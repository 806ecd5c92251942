import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier/flat';
import boundaries from 'eslint-plugin-boundaries';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import imports from './test/architecture/import-table.js';

const specs = ['test/**/*.ts', '**/*.spec.ts'];
const pureRooms = imports.pure.map((lib) => `libs/${lib}/src/**/*.ts`);

/** The import table: each room with what it may import; what isn't allowed is an error. */
const policies = [
  ...imports.libs.map((lib) => ({
    from: { element: { type: lib } },
    allow: { to: { element: { types: { anyOf: [lib, ...imports.libsFor(lib)] } } } },
  })),
  {
    from: { element: { type: 'app' } },
    allow: { to: { element: { types: { anyOf: imports.libsFor('apps/any') } } } },
  },
  {
    from: { file: { categories: 'spec' } },
    allow: { to: { element: { type: 'testing' } } },
  },
  {
    from: { element: { type: 'test' } },
    allow: { to: { element: { types: { anyOf: ['app', 'test', ...imports.libs] } } } },
  },
];

/** A driver belongs to one room, and everybody else uses that room. */
const driverPatterns = (lib) =>
  Object.entries(imports.drivers)
    .filter(([, owners]) => !owners.includes(lib))
    .map(([driver, owners]) => ({
      regex: `^${driver}(/|$)`,
      message: `Only ${owners.join(', ')} may use ${driver}.`,
    }));

/** Waiting by the clock makes a test slow and fickle. */
const timers = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message: 'Tests wait for what they need: waitFor of @app/testing.',
}));

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.data/'] },
  { linterOptions: { noInlineConfig: true } },
  eslint.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'no-warning-comments': [
        'error',
        { terms: ['todo', 'fixme', 'xxx', 'hack', 'eslint-disable'], location: 'anywhere' },
      ],
      eqeqeq: 'error',
      'no-console': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      // What a callback's type asks for is often a promise, and what a library throws anything.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Interfaces of libraries declare plain functions as methods.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'test/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project: './tsconfig.json' } },
      'boundaries/elements': [
        ...imports.libs.map((lib) => ({ type: lib, pattern: `libs/${lib}` })),
        { type: 'app', pattern: 'apps/*', capture: ['name'] },
        { type: 'test', pattern: 'test' },
      ],
      'boundaries/files': [{ category: 'spec', pattern: '**/*.spec.ts' }],
      'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import', 'require'],
    },
    rules: {
      'boundaries/dependencies': ['error', { default: 'disallow', policies }],
      'boundaries/no-unknown-files': 'error',
      'boundaries/no-unknown-dependencies': 'error',
    },
  },
  imports.libs.map((lib) => ({
    files: [`libs/${lib}/src/**/*.ts`],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: driverPatterns(lib) }] },
  })),
  {
    files: ['apps/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: driverPatterns('apps') }] },
  },
  {
    files: pureRooms,
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\.{1,2}/)', message: 'This room imports nothing.' }] },
      ],
      'no-restricted-globals': ['error', 'process', 'require', 'fetch', 'crypto', 'performance'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness is an input.' },
        { object: 'Date', property: 'now', message: 'The time is an input.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'This room imports nothing.' },
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'The time is an input.',
        },
      ],
    },
  },
  {
    files: specs,
    rules: {
      'no-restricted-globals': ['error', ...timers],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(node:)?timers(/promises)?$', message: timers[0].message }] },
      ],
    },
  },
  {
    // One list of every setting: in parts, nobody would see all that there is.
    files: ['libs/config/src/settings.ts'],
    rules: { 'max-lines': ['error', { max: 450 }] },
  },
  {
    // Plain JavaScript, read by the tools themselves.
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { sourceType: 'commonjs', globals: nodeGlobals() },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['**/*.mjs'], languageOptions: { sourceType: 'module' } },
  prettier,
);

function nodeGlobals() {
  const names = ['require', 'module', '__dirname', 'process', 'console', 'globalThis'];
  names.push('URL', 'fetch', 'AbortSignal');
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}
