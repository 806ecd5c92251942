const { readFileSync } = require('node:fs');

const swc = JSON.parse(readFileSync(`${__dirname}/.swcrc`, 'utf8'));

/** What every project shares; a project adds its name, its place and, with engines, their setup. */
const shared = {
  rootDir: __dirname,
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: { '^@app/([\\w-]+)$': '<rootDir>/libs/$1/src/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
};

/** Only where one of these projects runs: a unit test needs no engine, and waits for none. */
const withEngines = {
  ...shared,
  globalSetup: '<rootDir>/test/harness/start-engines.js',
  globalTeardown: '<rootDir>/test/harness/stop-engines.js',
};

/** What holds the system to a time, or starts all of it: one file at a time has the machine. */
const serial = { ...withEngines, runner: '<rootDir>/test/harness/serial-runner.js' };

module.exports = {
  maxWorkers: 2,
  // Longer than the waits of a test together on a busy machine, each of which says what it waited for.
  testTimeout: 180_000,
  testSequencer: '<rootDir>/test/harness/sequencer.js',
  reporters: ['default', '<rootDir>/test/harness/project-reporter.js'],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/apps/**/*.spec.ts',
        '<rootDir>/libs/**/*.spec.ts',
        '<rootDir>/test/architecture/**/*.spec.ts',
      ],
    },
    {
      ...withEngines,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.spec.ts', '<rootDir>/test/contract/*.spec.ts'],
    },
    {
      // Starts embedded event stores itself, or none with EVENTSTORE_URL.
      ...shared,
      displayName: 'contract',
      testMatch: ['<rootDir>/test/contract/event-store/**/*.spec.ts'],
    },
    {
      ...withEngines,
      displayName: 'journeys',
      testMatch: ['<rootDir>/test/journeys/**/*.spec.ts'],
    },
    { ...withEngines, displayName: 'faults', testMatch: ['<rootDir>/test/faults/*.spec.ts'] },
    {
      ...serial,
      displayName: 'timed faults',
      testMatch: ['<rootDir>/test/faults/timed/*.spec.ts'],
    },
  ],
};
