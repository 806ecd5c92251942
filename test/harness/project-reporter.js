const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');

/**
 * Says how many tests of each project passed and how long it took. With `TEST_SUMMARY_FILE` the
 * sums go there too, for `npm test` to end with.
 */
module.exports = class ProjectReporter {
  constructor(globalConfig) {
    this.seed = globalConfig.seed;
    this.projects = new Map();
  }

  onTestFileResult({ path, context }, result) {
    const { name } = context.config.displayName;
    if (name !== 'unit' && result.numFailingTests > 0) console.log(this.repetition(path, name));
    const project = this.projects.get(name) ?? { passed: 0, failed: 0, start: Infinity, end: 0 };
    // A file that can't even be loaded has no test to fail.
    const broken = result.testExecError && result.numFailingTests === 0 ? 1 : 0;
    this.projects.set(name, {
      passed: project.passed + result.numPassingTests,
      failed: project.failed + result.numFailingTests + broken,
      start: Math.min(project.start, result.perfStats.start),
      end: Math.max(project.end, result.perfStats.end),
    });
  }

  /** A strict event store, which each file has unless it opts out, cuts at the same places again. */
  repetition(path, project) {
    const file = relative(process.cwd(), path);
    return (
      `again: npx jest --selectProjects '${project}' --seed=${this.seed} ${file}\n` +
      'with a steady event store: EVENT_STORE=steady before it'
    );
  }

  onRunComplete() {
    const all = [...this.projects];
    for (const [name, { passed, failed, start, end }] of all) {
      const seconds = `${((end - start) / 1000).toFixed(1)} s`.padStart(8);
      console.log(`${name.padEnd(12)} ${seconds}   ${passed} passed, ${failed} failed`);
    }
    console.log(`file order and event stores' strictness: --seed=${this.seed}`);

    const sum = (key) => all.reduce((total, [, project]) => total + project[key], 0);
    const file = process.env.TEST_SUMMARY_FILE;
    if (file) writeFileSync(file, JSON.stringify({ passed: sum('passed'), failed: sum('failed') }));
  }
};
