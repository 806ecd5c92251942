const { existsSync, readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Followed by the number of the process that made the folder. */
const folderPrefix = 'postbreeze-tests-';

/** Removes what a run left behind that was killed before it could clean up. */
async function removeAbandoned() {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(folderPrefix) && !isAlive(parseInt(name.slice(folderPrefix.length)))) {
      await removeFolder(join(tmpdir(), name));
    }
  }
}

async function removeFolder(folder) {
  const { clearEngineData } = require('../../dist/libs/embedded/src');
  for (const engine of ['postgres', 'kafka']) {
    if (existsSync(join(folder, engine))) await clearEngineData(join(folder, engine));
  }
  rmSync(folder, { recursive: true, force: true });
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = { folderPrefix, removeAbandoned, removeFolder };
