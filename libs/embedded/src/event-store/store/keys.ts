/**
 * How positions and stream revisions become LMDB keys. LMDB orders keys byte by byte, so
 * every number is written big-endian: a range of keys is then a range of events.
 */

/** LMDB refuses longer keys, and a put that fails inside a batch doesn't undo those before it. */
const MAX_KEY_BYTES = 1_978;
const NAME_LENGTH_BYTES = 2;
const NUMBER_BYTES = 8;
/** What a one in the upper half of such a number stands for. */
const UPPER_HALF = 2 ** 32;

/** The largest position or revision there can be: as a bound, "to the end". */
export const LAST = Number.MAX_SAFE_INTEGER;

/** The longest name, in bytes of UTF-8, that the index can hold. */
export const MAX_INDEXED_NAME_BYTES = MAX_KEY_BYTES - NAME_LENGTH_BYTES - NUMBER_BYTES;

/** A non-negative safe integer (a position or a revision) as 8 bytes. */
export function encodeNumber(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(NUMBER_BYTES);
  writeNumber(bytes, value, 0);
  return bytes;
}

/** The reverse of {@link encodeNumber}, at an offset into longer bytes. */
export function decodeNumber(bytes: Buffer, offset = 0): number {
  return bytes.readUInt32BE(offset) * UPPER_HALF + bytes.readUInt32BE(offset + 4);
}

/** The same into longer bytes. By halves: Node's own way to write 64 bits makes an object of each number. */
export function writeNumber(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32BE(Math.floor(value / UPPER_HALF), offset);
  bytes.writeUInt32BE(value % UPPER_HALF, offset + 4);
}

/**
 * The key of a stream: its name.
 *
 * @throws RangeError when the name is longer than {@link MAX_INDEXED_NAME_BYTES}
 */
export function streamKey(stream: string): Buffer {
  const name = Buffer.from(stream, 'utf8');
  if (name.length > MAX_INDEXED_NAME_BYTES) {
    throw new RangeError(`A name of ${name.length} bytes is too long for the index`);
  }
  return name;
}

/**
 * The index key of one event of a stream: length of the name, name, revision.
 *
 * The length stands in front because a name may contain any byte: without it, `a` with its
 * revision could fall among the keys of a longer name that begins with `a`.
 *
 * @throws RangeError when the name is longer than {@link MAX_INDEXED_NAME_BYTES}
 */
export function streamEventKey(stream: string, revision: number): Buffer {
  const name = streamKey(stream);
  const key = Buffer.allocUnsafe(NAME_LENGTH_BYTES + name.length + NUMBER_BYTES);
  key.writeUInt16BE(name.length, 0);
  name.copy(key, NAME_LENGTH_BYTES);
  writeNumber(key, revision, NAME_LENGTH_BYTES + name.length);
  return key;
}
