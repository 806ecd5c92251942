/** How many workspaces every test database has from the beginning. */
const count = 1_000;
/** A ULID's 26 characters with the number at its end. */
const prefix = 'ws_01KAXWTEST';

let used = 0;

/** A workspace that is there in every test database, and not the one that was answered before. */
export function nextTestWorkspace(): string {
  return prefix + String(used++ % count).padStart(16, '0');
}

/** SQL that creates them; nothing in it changes from run to run. */
export const createTestWorkspaces = `
  INSERT INTO access.workspaces (id, name)
  SELECT '${prefix}' || lpad(n::text, 16, '0'), 'test' FROM generate_series(0, ${count - 1}) n`;
