import type {
  AppendReq,
  BatchAppendReq,
  DeleteReq,
  TombstoneReq,
} from '@eventstore/db-client/generated/streams_pb';
import { status } from '@grpc/grpc-js';
import type { ExpectedRevision } from '../store/expected-revision';
import type { ProposedEvent } from '../store/stored-event';
import { CallError, invalidArgument } from './call-error';
import { checkUuid, decodeBound, uuidText } from './identifiers';

/** Largest append, in bytes: the real server's default. */
export const MAX_APPEND_BYTES = 1_048_576;
/** The type's length is kept in 16 bits. */
const MAX_TYPE_BYTES = 65_535;

/** An event as it came, of which nothing has been checked. */
export interface Proposal {
  /** As text. */
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly contentType: string | undefined;
  readonly data: Uint8Array;
  readonly customMetadata: Uint8Array;
}

/** One append larger than {@link MAX_APPEND_BYTES}. */
export class AppendTooLargeError extends CallError {
  constructor() {
    super(status.INVALID_ARGUMENT, `Maximum append size of ${MAX_APPEND_BYTES} bytes exceeded`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(MAX_APPEND_BYTES),
    });
  }
}

/**
 * Gathers the events of one append as its messages arrive, and holds it to the size limit:
 * once it is too large it keeps no more of it.
 */
export class ProposedEvents {
  private readonly events: ProposedEvent[] = [];
  private counted = 0;

  /** What they count, whether they are kept or not. */
  get bytes(): number {
    return this.counted;
  }

  /** @throws CallError when the event has no UUID, no type or no content type */
  add(proposal: Proposal): void {
    const event = checkProposal(proposal);
    this.counted += sizeOf(event);
    if (this.counted <= MAX_APPEND_BYTES) this.events.push(event);
  }

  /** @throws AppendTooLargeError */
  take(): readonly ProposedEvent[] {
    if (this.counted > MAX_APPEND_BYTES) throw new AppendTooLargeError();
    return this.events;
  }
}

/** The expected revision of a unary call. */
export function decodeExpectedRevision(
  options: AppendReq.Options | DeleteReq.Options | TombstoneReq.Options,
): ExpectedRevision {
  return options.hasRevision() ? decodeBound(options.getRevision()) : decodeWord(options);
}

/** The expected revision of a batch append, which names the same field otherwise. */
export function decodeExpectedPosition(options: BatchAppendReq.Options): ExpectedRevision {
  return options.hasStreamPosition()
    ? decodeBound(options.getStreamPosition())
    : decodeWord(options);
}

function decodeWord(
  options: AppendReq.Options | BatchAppendReq.Options | DeleteReq.Options | TombstoneReq.Options,
): ExpectedRevision {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  throw invalidArgument('The expected revision is missing');
}

/** An event that the client's generated code has decoded. */
export function proposalOf(
  message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage,
): Proposal {
  const metadata = message.getMetadataMap();
  return {
    id: uuidText(message.getId()),
    type: metadata.get('type'),
    contentType: metadata.get('content-type'),
    data: message.getData_asU8(),
    customMetadata: message.getCustomMetadata_asU8(),
  };
}

function checkProposal(proposal: Proposal): ProposedEvent {
  const { type, contentType } = proposal;
  if (!type || !contentType) {
    throw new CallError(status.INVALID_ARGUMENT, 'An event needs a type and a content-type', {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    });
  }
  if (Buffer.byteLength(type) > MAX_TYPE_BYTES) {
    throw invalidArgument(`An event's type has ${MAX_TYPE_BYTES} bytes at most`);
  }
  return { ...proposal, id: checkUuid(proposal.id), type, contentType };
}

/** As the real server counts: the type in UTF-16. */
function sizeOf(event: ProposedEvent): number {
  return event.data.length + event.customMetadata.length + event.type.length * 2;
}
