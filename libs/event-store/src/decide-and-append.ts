import { setTimeout as wait } from 'node:timers/promises';
import { backOffMs } from '@app/config';
import type { DomainEvent } from '@app/domain';
import { tellAppended } from './event-lines';
import type { EventStore } from './event-store';
import { WrongExpectedRevision } from './event-store.errors';
import type { EventContext } from './recorded-event';

/** How a stream's events become the state that decisions are made on. */
export interface Folding<State, E extends DomainEvent> {
  readonly initial: State;
  readonly evolve: (state: State, event: E) => State;
}

/** A stream folded up to its end. */
export interface Folded<State> {
  readonly state: State;
  /** Of the last event; -1 when there is no stream. */
  readonly revision: number;
}

/** A decision that stands in the stream. */
export interface Decided<State, E extends DomainEvent> extends Folded<State> {
  /** What this call appended; empty when the decision was that nothing changes. */
  readonly appended: readonly E[];
}

/** How often a lost race is run again before the caller is told. */
const maxAttempts = 6;
/** Milliseconds at most before it is run again: rivals for one stream get out of each other's way. */
const longestWaitMs = 200;

/** The state of a stream: every event of it, folded. */
export async function loadState<State, E extends DomainEvent>(
  store: EventStore,
  stream: string,
  folding: Folding<State, E>,
): Promise<Folded<State>> {
  const recorded = await store.read(stream);
  return {
    state: recorded.reduce(
      (state, { event }) => folding.evolve(state, event as E),
      folding.initial,
    ),
    revision: recorded.length === 0 ? -1 : recorded[recorded.length - 1]!.revision,
  };
}

/**
 * Load, decide, append with the expected revision; when somebody else appended meanwhile, read
 * again and decide again.
 *
 * @param decide may run more than once, so it changes nothing, and asks another store at most; what
 *   it throws reaches the caller
 * @throws WrongExpectedRevision after six lost races, EventStoreUnavailable
 */
export async function decideAndAppend<State, E extends DomainEvent>(
  store: EventStore,
  stream: string,
  folding: Folding<State, E>,
  decide: (state: State) => readonly E[] | Promise<readonly E[]>,
  context: EventContext,
): Promise<Decided<State, E>> {
  for (let attempt = 1; ; attempt++) {
    const { state, revision } = await loadState(store, stream, folding);
    const decided = await decide(state);
    if (decided.length === 0) return { state, revision, appended: [] };
    try {
      const expected = revision < 0 ? 'no_stream' : revision;
      const { revision: end, ids } = await store.append(stream, expected, decided, context);
      tellAppended({ events: decided, ids, revision: end, context });
      return {
        state: decided.reduce(folding.evolve, state),
        revision: end,
        appended: decided,
      };
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || attempt === maxAttempts) throw error;
      await wait(backOffMs(attempt, longestWaitMs));
    }
  }
}
