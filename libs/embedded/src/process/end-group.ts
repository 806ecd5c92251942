/** How long a process may take to end cleanly before it is ended by force. */
const GRACE_MS = 5_000;

/**
 * Ends a process with all that it started in its group: asks with `signal`, and forces it
 * when `ended` hasn't settled after the grace.
 *
 * @param pid of the group's leader
 * @param ended settles when the leader is gone
 */
export async function endGroup(
  pid: number,
  signal: NodeJS.Signals,
  ended: Promise<unknown>,
  graceMs = GRACE_MS,
): Promise<void> {
  signalGroup(pid, signal);
  const force = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  await ended;
  clearTimeout(force);
}

/** Signals a process group; one that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
