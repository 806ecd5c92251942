const { default: TestRunner } = require('jest-runner');

/** Runs a project's files one after the other, in jest's own process. */
module.exports = class SerialRunner extends TestRunner {
  isSerial = true;
};
