/** The bytes are not a protobuf message, or only the beginning of one. */
export class MalformedMessage extends Error {
  constructor(what: string, at: number) {
    super(`Malformed message: ${what} at byte ${at}`);
    this.name = 'MalformedMessage';
  }
}

/** Kinds of values on the wire. https://protobuf.dev/programming-guides/encoding/#structure */
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** A map is sent as repeated messages of these fields. https://protobuf.dev/programming-guides/proto3/#maps */
const MAP_ENTRY = { key: 1, value: 2 };

/**
 * Walks through the fields of a protobuf message, and into the messages within it. It makes no
 * object for a field: these loops are most of what reading an event costs.
 */
export class WireReader {
  /** Number of the field that `nextField` has come to. */
  field = 0;
  private kind = VARINT;
  private at = 0;
  private end: number;

  constructor(private readonly buffer: Buffer) {
    this.end = buffer.length;
  }

  /**
   * Goes to the next field of the message. Each has to be read, entered or skipped.
   *
   * @returns false at the message's end
   */
  nextField(): boolean {
    if (this.at === this.end) return false;
    const tag = this.varint();
    this.field = tag >>> 3;
    this.kind = tag & 7;
    return true;
  }

  /**
   * Goes into the message that is the field.
   *
   * @returns what `leave` wants to have afterwards
   */
  enter(): number {
    const inner = this.endOfBytes();
    const outer = this.end;
    this.end = inner;
    return outer;
  }

  /** Goes on behind the message that was entered, also when it wasn't read to its end. */
  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }

  /** The field as a number of 64 bits without a sign. */
  uint64(): bigint {
    this.expect(VARINT);
    const start = this.at;
    const value = this.varint();
    // Below this a double is exact, and nearly every number is.
    return value <= Number.MAX_SAFE_INTEGER ? BigInt(value) : this.largeVarint(start);
  }

  /** The field as it stands in the message, which it is a part of: nothing is copied. */
  bytes(): Buffer {
    const end = this.endOfBytes();
    const bytes = this.buffer.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  /** The field as an entry of a map from text to text. */
  textEntry(): [key: string, value: string] {
    const entry: [string, string] = ['', ''];
    const outer = this.enter();
    while (this.nextField()) {
      if (this.field === MAP_ENTRY.key) entry[0] = this.text();
      else if (this.field === MAP_ENTRY.value) entry[1] = this.text();
      else this.skip();
    }
    this.leave(outer);
    return entry;
  }

  /** The field as yes or no. */
  flag(): boolean {
    return this.uint64() !== 0n;
  }

  /** The field as text in UTF-8. */
  text(): string {
    const end = this.endOfBytes();
    const text = this.buffer.toString('utf8', this.at, end);
    this.at = end;
    return text;
  }

  /** Passes over the field, whatever it is: a later server may send what isn't known here. */
  skip(): void {
    switch (this.kind) {
      case VARINT:
        this.varint();
        break;
      case FIXED_64:
        this.at = this.endAfter(8);
        break;
      case BYTES:
        this.at = this.endOfBytes();
        break;
      case FIXED_32:
        this.at = this.endAfter(4);
        break;
      default:
        throw new MalformedMessage(`a value of kind ${this.kind}`, this.at);
    }
  }

  /** Reads the length of the field's bytes, and tells where they end. */
  private endOfBytes(): number {
    this.expect(BYTES);
    const length = this.varint();
    return this.endAfter(length);
  }

  private endAfter(length: number): number {
    const end = this.at + length;
    if (end > this.end) throw new MalformedMessage('its end is missing', this.at);
    return end;
  }

  private expect(kind: number): void {
    if (this.kind !== kind) {
      throw new MalformedMessage(`field ${this.field} of kind ${this.kind}`, this.at);
    }
  }

  /** Seven bits a byte, the lowest first; exact up to 2^53. */
  private varint(): number {
    // One byte is what most of them have.
    if (this.at < this.end && this.buffer[this.at]! < 128) return this.buffer[this.at++]!;
    let value = 0;
    for (let factor = 1, count = 0; count < 10; factor *= 128, count++) {
      if (this.at === this.end) throw new MalformedMessage('its end is missing', this.at);
      const byte = this.buffer[this.at++]!;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
    throw new MalformedMessage('a number without an end', this.at);
  }

  /** The varint from there to here, exactly. */
  private largeVarint(start: number): bigint {
    let value = 0n;
    for (let at = this.at - 1; at >= start; at--) {
      value = value * 128n + BigInt(this.buffer[at]! % 128);
    }
    return BigInt.asUintN(64, value);
  }
}
