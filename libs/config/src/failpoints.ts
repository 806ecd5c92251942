/**
 * Where a test may have a process die as if it was killed: between two stores, each time. The name
 * says what is done by then, and what isn't yet follows in the code.
 */
export const failpoints = [
  /** A connect: claim and tokens stand, its event doesn't. */
  'connect:opened',
  /** A connect: its event stands, the claim isn't live. */
  'connect:appended',
  /** A connect that is given up: its event stands, claim and tokens are still there. */
  'abandon:appended',
  /** A disconnect: its event stands, the ending doesn't. */
  'disconnect:appended',
  /** New tokens, refreshed or reauthorized: they stand in the vault, their event doesn't. */
  'tokens:stored',
  /** New tokens: their event stands, the vault still takes it for pending. */
  'tokens:appended',
  /** A lease: it is written and its tokens are decrypted; the stream wasn't asked. */
  'lease:written',
  /** A rotation: another key seals, no row is rewrapped. */
  'keks:rotated',
  /** A rotation: some rows are rewrapped, some aren't. */
  'keks:rewrapping',
] as const;
export type Failpoint = (typeof failpoints)[number];

let armed: Failpoint | undefined;

/** Chooses where this process dies; nowhere unless a test says so. See the setting FAILPOINT. */
export function armFailpoint(name: Failpoint | undefined): void {
  armed = name;
}

/** Kills this process here if it was armed for it: nothing is flushed, closed or answered. */
export function failpoint(name: Failpoint): void {
  if (name === armed) process.kill(process.pid, 'SIGKILL');
}
