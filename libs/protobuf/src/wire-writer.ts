/** Kinds of values on the wire. https://protobuf.dev/programming-guides/encoding/#structure */
const VARINT = 0;
const BYTES = 2;

/** How many bytes a number takes: seven bits in each. */
export function numberLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}

/** How many bytes a field of text or bytes takes, or a message that long. Field numbers are below 16. */
export function fieldLength(length: number): number {
  return 1 + numberLength(length) + length;
}

/**
 * Writes protobuf messages into bytes that were allocated for all of them: the generated code makes an
 * object of each message and an array of each part, and takes several times as long. A message's length
 * stands in front of it, so whoever begins one says how long it will be.
 */
export class WireWriter {
  /** @param at where it begins to write, and then where it has come to */
  constructor(
    private readonly bytes: Buffer,
    public at = 0,
  ) {}

  /** Begins a message; its fields follow. */
  message(field: number, length: number): this {
    return this.tag(field, BYTES).varint(length);
  }

  /** A number of up to 53 bits. As everywhere in protobuf's third version, what is zero isn't written. */
  number(field: number, value: number): this {
    return value === 0 ? this : this.tag(field, VARINT).varint(value);
  }

  text(field: number, text: string): this {
    this.message(field, Buffer.byteLength(text, 'utf8'));
    this.at += this.bytes.write(text, this.at, 'utf8');
    return this;
  }

  /** Bytes; none aren't written. */
  data(field: number, bytes: Uint8Array): this {
    return bytes.length === 0 ? this : this.message(field, bytes.length).raw(bytes);
  }

  /** Bytes as they are: a message that is encoded already, or what is no message. */
  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  private tag(field: number, kind: number): this {
    this.bytes[this.at++] = (field << 3) | kind;
    return this;
  }

  private varint(value: number): this {
    let rest = value;
    // Division, not shifts: positions are larger than 32 bits.
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
    }
    this.bytes[this.at++] = rest;
    return this;
  }
}
