/**
 * What is on disk, or on its way there, is in doubt: the disk, LMDB or what they hold says so. Nothing may
 * be written on top of it.
 */
export class LogError extends Error {
  override readonly name: string = 'LogError';
}

/** What stands where an event should stand isn't it. */
export class DamagedEventError extends LogError {
  override readonly name = 'DamagedEventError';

  constructor(position: number, cause?: unknown) {
    super(`The event at position ${position} is damaged: restore the data folder from a copy`, {
      cause,
    });
  }
}
