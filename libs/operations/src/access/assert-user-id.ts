import { isId } from '@app/domain';
import { WrongUsage } from '../errors';

/** @throws WrongUsage */
export function assertUserId(text: string): void {
  if (!isId('user', text)) throw new WrongUsage(`${String(text)} is no user's id: usr_ and a ULID`);
}
