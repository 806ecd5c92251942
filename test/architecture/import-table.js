const table = require('./import-table.json');

/** Who may import whom: ARCHITECTURE.md's table, for the linter and for the architecture test. */
const libs = Object.keys(table.libs);

/** The libs that a room may import beside itself. */
function libsFor(room, { isSpec = false } = {}) {
  const rule = room.startsWith('apps/') ? table.apps : table.libs[room];
  if (rule === undefined) throw new Error(`${room} is not in the import table`);
  const own = Array.isArray(rule) ? rule : libs.filter((lib) => !rule.anyBut.includes(lib));
  return [...new Set([...own, ...sharedFor(room), ...(isSpec ? table.specsToo : [])])];
}

/** What every impure lib may import; of these themselves, one imports those before it alone. */
function sharedFor(room) {
  const shared = table.everyImpureLib;
  if (table.pure.includes(room)) return [];
  return shared.includes(room) ? shared.slice(0, shared.indexOf(room)) : shared;
}

module.exports = { libs, libsFor, pure: table.pure, drivers: table.drivers };
