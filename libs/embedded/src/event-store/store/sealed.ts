import { crc32 } from 'node:zlib';

/** Formats 1 and 2 had no checksum: their rows begin with a revision, whose first byte is always 0. */
const UNSEALED = 0;
const SEALED = 1;
const SEAL_BYTES = 5;

/**
 * @returns an event's row on disk: `1 u8 | CRC-32 u32 | the event`. The checksum begins with the
 *   position, so that an event in the place of another is noticed too
 */
export function sealed(position: number, event: Buffer): Buffer {
  const row = Buffer.allocUnsafe(SEAL_BYTES + event.length);
  row[0] = SEALED;
  row.writeUInt32BE(checksum(position, event), 1);
  event.copy(row, SEAL_BYTES);
  return row;
}

/**
 * @returns the event in a row, which shares its memory
 * @throws RangeError when it isn't what was written at that position
 */
export function unsealed(position: number, row: Buffer): Buffer {
  if (row[0] === UNSEALED) return row;
  const event = row.subarray(SEAL_BYTES);
  if (row[0] !== SEALED || row.readUInt32BE(1) !== checksum(position, event)) {
    throw new RangeError('The checksum says otherwise');
  }
  return event;
}

function checksum(position: number, event: Buffer): number {
  return crc32(event, position >>> 0);
}
