import { isId } from '@app/domain';

/** @throws Error in an operator's words */
export function assertUserId(text: string): void {
  if (!isId('user', text)) throw new Error(`${String(text)} is no user's id: usr_ and a ULID`);
}
