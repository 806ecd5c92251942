import type { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { isStreamName, MAX_STREAM_NAME_BYTES } from '../store/system-streams';
import { invalidArgument } from './call-error';

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A stream's name. @throws CallError when it is missing, or is none that a stream may have */
export function decodeStreamName(identifier: StreamIdentifier | undefined): string {
  const name = Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
  if (isStreamName(name)) return name;
  // Of the text, not of what was sent: bytes that aren't UTF-8 take more of them.
  const bytes = Buffer.byteLength(name, 'utf8');
  throw invalidArgument(
    bytes <= MAX_STREAM_NAME_BYTES
      ? `The name of the stream is missing${name && `: ${name} is the metastream of none`}`
      : `The stream's name has ${bytes} bytes; the embedded event store takes ` +
          `${MAX_STREAM_NAME_BYTES} at most, and $$ before them for a metastream`,
  );
}

/** A UUID in lower case with dashes, from either form of the protocol. @throws CallError */
export function decodeUuid(uuid: UUID | undefined): string {
  return checkUuid(uuidText(uuid));
}

/** What is said to be a UUID as text, from either form of the protocol. */
export function uuidText(uuid: UUID | undefined): string | undefined {
  return uuid?.hasStructured() ? fromHalves(uuid) : uuid?.getString();
}

/** @returns a UUID in lower case. @throws CallError when it is none */
export function checkUuid(text: string | undefined): string {
  const lower = text?.toLowerCase() ?? '';
  if (!UUID_PATTERN.test(lower)) throw invalidArgument(`"${lower}" is not a UUID`);
  return lower;
}

function fromHalves(uuid: UUID): string {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(BigInt(uuid.getStructured()?.getMostSignificantBits() ?? 0), 0);
  bytes.writeBigInt64BE(BigInt(uuid.getStructured()?.getLeastSignificantBits() ?? 0), 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/**
 * An unsigned 64-bit number of the protocol. The store's own numbers stay below 2^53, so a
 * larger one can only be a bound and means "to the end".
 */
export function decodeBound(text: string): number {
  const value = BigInt(text);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}
