const { removeFolder } = require('./engine-folders');

/** Stops what `start-engines.js` started, also when tests have failed. */
module.exports = async function stopEngines() {
  const { folder, running } = globalThis.testEngines;
  await Promise.all(running.map((engine) => engine.stop()));
  await removeFolder(folder);
};
