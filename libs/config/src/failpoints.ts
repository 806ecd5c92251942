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
  /** A disconnect: it is decided, its event doesn't stand. */
  'disconnect:decided',
  /** A disconnect: its event stands, the ending doesn't. */
  'disconnect:appended',
  /** A disconnect: event and ending stand, nobody was told. */
  'disconnect:ended',
  /** A handler of events: its rows are written, they and the checkpoint not committed. */
  'handler:applied',
  /** A handler of events: rows and checkpoint are committed. */
  'handler:committed',
  /** A replay: its generation is announced and its table is there, empty. */
  'replay:begun',
  /** A replay: every row is in the table, which isn't indexed and has no checkpoint. */
  'replay:filled',
  /** A replay: its generation is complete and stands by. */
  'replay:built',
  /** A swap: the view shows the other generation, not committed. */
  'swap:shown',
  /** The relay: a batch is read, nothing of it is sent. */
  'relay:read',
  /** The relay: a batch is acknowledged, the checkpoint is where it was. */
  'relay:sent',
  /** The relay: the checkpoint is behind the batch. */
  'relay:saved',
  /** The inbox, of one effect: work row and job are written, not committed. */
  'inbox:opened',
  /** The inbox, of one effect: work row and job are committed, the offset isn't. */
  'inbox:committed',
  /** The consumer of one group: work row, job and offset are committed. */
  'offset:committed',
  /** One effect: the channel has ended in the registry, nothing else is done. */
  'effect:begun',
  /** One effect: a batch of it is done, not committed. */
  'effect:stepped',
  /** One effect: a batch of it is committed, the last one with the job that records the outcome. */
  'effect:committed',
  /** A revocation: its time is written down for the grant, the platform isn't called. */
  'revocation:intended',
  /** A revocation: the platform has answered, nobody knows. */
  'revocation:called',
  /** A revocation: its outcome stands beside the copy, whose token is gone; the key isn't. */
  'revocation:settled',
  /** A revocation: the copy's key is destroyed, its work is open. */
  'revocation:forgotten',
  /** A revocation: its work is closed, with the job that records the outcome. */
  'revocation:finished',
  /** The recorder: outcomes are read, none is appended. */
  'recorder:read',
  /** The recorder: outcomes stand in the stream, their rows don't know. */
  'recorder:appended',
  /** The recorder: stream and rows agree, the job isn't done. */
  'recorder:marked',
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

let armed: { readonly name?: Failpoint; readonly of?: string } = {};

/**
 * Chooses where this process dies; nowhere unless a test says so. See the settings FAILPOINT and
 * FAILPOINT_OF.
 */
export function armFailpoint(name: Failpoint | undefined, of: string | undefined): void {
  armed = { name, of };
}

/** What a test sends to a role that it has started, to choose where that one dies. */
export interface ArmingMessage {
  readonly failpoint: Failpoint;
  readonly of: string | undefined;
}

/**
 * Lets the parent choose while this process runs, and tells it when that is done: only where
 * NODE_ENV is test, and only over the channel that a parent has made.
 */
export function armByMessage(): void {
  if (process.env.NODE_ENV !== 'test') return;
  process.on('message', ({ failpoint: name, of }: ArmingMessage) => {
    armFailpoint(name, of);
    process.send?.({ armed: name });
  });
}

/**
 * Kills this process here if it was armed for it: nothing is flushed, closed or answered.
 *
 * @param of whose it is, where several pass here: an effect, a handler
 */
export function failpoint(name: Failpoint, of?: string): void {
  if (name !== armed.name || (armed.of !== undefined && armed.of !== of)) return;
  process.kill(process.pid, 'SIGKILL');
}
