import type { DomainErrorCode, DomainEvent } from '@app/domain';
import { DomainError } from '@app/domain';

/** How a stream's events become the state that decisions are made on. */
interface Folding<State, Event> {
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
}

/**
 * A decider's specification, which reads the same at every level: these events, this decision,
 * exactly those events.
 *
 *     const channel = deciderOf({ initial: unbornChannel, evolve: evolveChannel });
 *     channel.given([connected]).when((state) => disconnect(state, request)).then([disconnected]);
 */
export function deciderOf<State, Event extends DomainEvent>(folding: Folding<State, Event>) {
  return {
    given: (events: readonly Event[]) => ({
      when: (decide: (state: State) => readonly Event[]) =>
        new Outcome(() => decide(events.reduce(folding.evolve, folding.initial))),
    }),
  };
}

/** What a decision led to; it is made when it is asked for. */
class Outcome<Event extends DomainEvent> {
  constructor(private readonly decide: () => readonly Event[]) {}

  /** Holds the decision to exactly these events, in this order; none when nothing changes. */
  then(expected: readonly Event[]): void {
    expect(this.decide()).toEqual(expected);
  }

  /** Holds the decision to a refusal with this code. */
  thenThrows(code: DomainErrorCode): void {
    expect(codeOfRefusal(this.decide)).toBe(code);
  }
}

function codeOfRefusal(decide: () => unknown): string {
  try {
    return `no refusal, but ${JSON.stringify(decide())}`;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}
