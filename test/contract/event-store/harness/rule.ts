import { sentences, type RuleId } from '../contract';

/** The title of the tests that hold one line of the contract. */
export function rule(id: RuleId): string {
  const sentence = sentences.get(id);
  if (sentence === undefined) throw new Error(`contract.ts has no line "${id}"`);
  return `${id}: ${sentence}`;
}

/** Given, the suite runs against this server, and starts none. */
export const urlOfOther = process.env.EVENTSTORE_URL;

/**
 * A `describe` for what only a server can show that is ours alone: one that is stopped, restarted,
 * looked into, or has limits of its own.
 */
export const embeddedOnly = urlOfOther === undefined ? describe : describe.skip;
