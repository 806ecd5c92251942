/** Every way in which a decision can refuse; the code is part of the public contract. */
export type DomainErrorCode =
  | 'CHANNEL_NOT_FOUND'
  | 'CHANNEL_DISCONNECTED'
  | 'REAUTHORIZATION_REQUIRED'
  | 'CONNECT_ABANDONED'
  | 'EFFECT_NOT_PLANNED';

/** A refusal by a decider: nothing was decided, so nothing may be appended. */
export class DomainError extends Error {
  constructor(
    readonly code: DomainErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'DomainError';
  }
}
