import { looksLikeCredential } from '@app/domain';
import { WrongUsage } from '../errors';

/** On whose behalf something is changed, and why: what the audit keeps of it. */
export interface Mandate {
  /** An email address, a `usr_` id, the name of a pipeline: up to 100 characters without blanks. */
  readonly actor: string;
  /** In one line, up to 500 characters. */
  readonly reason: string;
}

const actorForm = /^[^\s\p{C}]{1,100}$/u;
const reasonForm = /^\P{C}{1,500}$/u;

/**
 * @throws WrongUsage in one line that says what to give
 */
export function mandateOf({ actor, reason }: Partial<Mandate>): Mandate {
  const who = actor ?? '';
  const why = reason?.trim() ?? '';
  const missing = [
    who === '' && '--actor <who> (or set OPS_ACTOR)',
    why === '' && '--reason <why>',
  ];
  const asked = missing.filter((flag) => flag !== false);
  if (asked.length > 0) {
    throw new WrongUsage(`Say who changes this and why: give ${asked.join(' and ')}`);
  }
  if (!actorForm.test(who)) {
    throw new WrongUsage('--actor is one word of up to 100 characters: ana@example.com, usr_…');
  }
  if (!reasonForm.test(why)) throw new WrongUsage('--reason is one line of up to 500 characters');
  if (looksLikeCredential(who) || looksLikeCredential(why)) {
    throw new WrongUsage(
      '--actor and --reason are kept for good: leave the credential out of them',
    );
  }
  return { actor: who, reason: why };
}
