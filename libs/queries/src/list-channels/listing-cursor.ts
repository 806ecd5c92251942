import { isId } from '@app/domain';
import type { ListingPosition } from '../channel-rows';
import { BadCursor } from '../query-errors';

/**
 * Where the next page starts, as an opaque text. It only names a position: which rows follow it is
 * decided anew for each request, so somebody else's cursor shows nobody else's rows.
 */
export function encodeCursor({ connectedAt, id }: ListingPosition): string {
  return Buffer.from(`${connectedAt} ${id}`).toString('base64url');
}

/**
 * @throws BadCursor for anything that `encodeCursor` doesn't make. PostgreSQL would refuse some of
 *   what JavaScript takes for a time, and the other way round.
 */
export function decodeCursor(cursor: string): ListingPosition {
  const [connectedAt = '', id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (!isTimeOfOurs(connectedAt) || !isId('channel', id)) throw new BadCursor();
  const position = { connectedAt, id };
  if (encodeCursor(position) !== cursor) throw new BadCursor();
  return position;
}

/** ISO 8601 UTC with milliseconds, of this millennium. */
function isTimeOfOurs(text: string): boolean {
  const time = Date.parse(text);
  return /^2\d{3}-/.test(text) && !Number.isNaN(time) && new Date(time).toISOString() === text;
}
