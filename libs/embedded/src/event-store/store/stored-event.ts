import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { decodeNumber } from './keys';

const RecordedEvent = ReadResp.ReadEvent.RecordedEvent;

/** The clock of the protocol counts in units of 100 ns since the epoch. */
const TICKS_PER_MILLISECOND = 10_000n;

/** An event as a client proposes it. */
export interface ProposedEvent {
  /** UUID, lower case, with dashes. */
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly customMetadata: Uint8Array;
}

/** Where an event stands. */
export interface Place {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
}

/** Where the type's length stands on disk: behind revision and id. */
const TYPE_AT = 24;
const LENGTH_BYTES = 2;

/**
 * An event of the log, as it is on disk. In front of the recorded event stands what filters and
 * retries look at:
 * `revision u64 | id 16 bytes | length u16, type | length u16, stream | RecordedEvent`.
 *
 * Each part is decoded when it is asked for, and most readers ask for none.
 */
export class StoredEvent {
  constructor(
    readonly position: number,
    readonly bytes: Buffer,
  ) {}

  /**
   * An event from disk: without a checksum, as in formats 1 and 2, its lengths are all that can be held
   * against it.
   *
   * @throws RangeError when its parts don't fit into the bytes
   */
  static read(position: number, bytes: Buffer): StoredEvent {
    const event = new StoredEvent(position, bytes);
    if (event.recordedAt > bytes.length) throw new RangeError('Its parts do not fit into it');
    return event;
  }

  /** Where whatever comes after it stands: positions are byte offsets. */
  get next(): number {
    return this.position + this.bytes.length;
  }

  get revision(): number {
    return decodeNumber(this.bytes);
  }

  /** UUID, lower case, with dashes. */
  get id(): string {
    const id = this.bytes.toString('hex', 8, TYPE_AT);
    return `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
  }

  get type(): string {
    return this.bytes.toString('utf8', TYPE_AT + LENGTH_BYTES, this.streamAt);
  }

  get stream(): string {
    return this.bytes.toString('utf8', this.streamAt + LENGTH_BYTES, this.recordedAt);
  }

  /**
   * The protocol's `RecordedEvent`, encoded once when the event is written: a read copies
   * these bytes into its answer and decodes nothing.
   */
  get recorded(): Buffer {
    return this.bytes.subarray(this.recordedAt);
  }

  /** Where in {@link bytes} the recorded event begins; it goes to their end. */
  get recordedAt(): number {
    return this.endOf(this.streamAt);
  }

  private get streamAt(): number {
    return this.endOf(TYPE_AT);
  }

  private endOf(text: number): number {
    return text + LENGTH_BYTES + this.bytes.readUInt16BE(text);
  }
}

/** The data that its writer gave to an event. */
export function dataOf({ recorded }: StoredEvent): Uint8Array {
  return RecordedEvent.deserializeBinary(recorded).getData_asU8();
}

/** The data of an event that was written as JSON; nothing of any other. */
export function jsonOf({ recorded }: StoredEvent): Uint8Array {
  const message = RecordedEvent.deserializeBinary(recorded);
  const isJson = message.getMetadataMap().get('content-type') === 'application/json';
  return isJson ? message.getData_asU8() : new Uint8Array();
}

/** When an event was written, in milliseconds since the epoch. */
export function createdAt({ recorded }: StoredEvent): number {
  const ticks = RecordedEvent.deserializeBinary(recorded).getMetadataMap().get('created') ?? '0';
  return Number(BigInt(ticks) / TICKS_PER_MILLISECOND);
}

/** A text with its length in front. */
export function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text, 'utf8');
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length);
  bytes.writeUInt16BE(length, 0);
  bytes.write(text, LENGTH_BYTES, 'utf8');
  return bytes;
}

/** Writes a UUID, in lower case with dashes, as its 16 bytes. */
export function writeUuid(bytes: Buffer, uuid: string, offset: number): void {
  let at = offset;
  for (let n = 0; n < uuid.length; n += 2) {
    if (uuid.charCodeAt(n) === DASH) n += 1;
    bytes[at++] = (nibble(uuid.charCodeAt(n)) << 4) | nibble(uuid.charCodeAt(n + 1));
  }
}

const DASH = 0x2d;

/** The value of a hexadecimal digit's character. */
function nibble(character: number): number {
  return character < 0x3a ? character - 0x30 : character - 0x57;
}
