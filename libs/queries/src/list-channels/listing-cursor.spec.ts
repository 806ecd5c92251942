import { aChannelId } from '@app/testing';
import { BadCursor } from '../query-errors';
import { decodeCursor, encodeCursor } from './listing-cursor';

const id = aChannelId();
const position = { connectedAt: '2026-11-01T08:00:00.000Z', id };
const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('the cursor of a listing', () => {
  it('brings a position there and back', () => {
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
  });

  it.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['base64 with something in front', ` ${encodeCursor(position)}`],
    ['a position and more', encoded(`${position.connectedAt} ${id} more`)],
    ['no id', encoded(position.connectedAt)],
    ['an id of something else', encoded(`${position.connectedAt} ${id.replace('soc_', 'ws_')}`)],
    ['no time', encoded(`soon ${id}`)],
    ['a time without milliseconds', encoded(`2026-11-01T08:00:00Z ${id}`)],
    ['a time of another zone', encoded(`2026-11-01T08:00:00.000+01:00 ${id}`)],
    ['a day that does not exist', encoded(`2026-02-30T08:00:00.000Z ${id}`)],
    ['what JavaScript takes for a time', encoded(`1 ${id}`)],
    ['what PostgreSQL takes for a time', encoded(`infinity ${id}`)],
    ['a year that PostgreSQL refuses', encoded(`0000-01-01T00:00:00.000Z ${id}`)],
  ])('is not %s', (_, cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(BadCursor);
  });
});
