import { UUID } from '@eventstore/db-client/generated/shared_pb';
import { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb';
import { WireReader } from '@app/protobuf';
import type { Proposal } from './append-request';
import { uuidText } from './identifiers';

/** One message of `Streams.BatchAppend`: an append, or a part of one. */
export interface BatchAppendMessage {
  readonly correlationId: UUID | undefined;
  /** With the first message of an append. */
  readonly options: BatchAppendReq.Options | undefined;
  readonly proposals: readonly Proposal[];
  /** Whether it is the last message of its append. */
  readonly isFinal: boolean;
}

// The fields of `BatchAppendReq` and of the messages within it: streams.proto and shared.proto of
// EventStoreDB. A spec holds them against the client's generated code.
const BATCH_APPEND_REQ = { correlationId: 1, options: 2, proposedMessages: 3, isFinal: 4 };
const PROPOSED_MESSAGE = { id: 1, metadata: 2, customMetadata: 3, data: 4 };

/** What the message of a UUID begins with that is sent as text: field 2, 36 bytes. */
const TEXT_UUID = Buffer.from([(2 << 3) | 2, 36]);

/**
 * Decodes `event_store.client.streams.BatchAppendReq`. What comes once with each append is left to the
 * client's generated code; its events are not, since that takes four times as long for them.
 *
 * @throws MalformedMessage
 */
export function decodeBatchAppend(bytes: Buffer): BatchAppendMessage {
  const wire = new WireReader(bytes);
  const proposals: Proposal[] = [];
  let correlationId: UUID | undefined;
  let options: BatchAppendReq.Options | undefined;
  let isFinal = false;
  while (wire.nextField()) {
    switch (wire.field) {
      case BATCH_APPEND_REQ.correlationId:
        correlationId = UUID.deserializeBinary(wire.bytes());
        break;
      case BATCH_APPEND_REQ.options:
        options = BatchAppendReq.Options.deserializeBinary(wire.bytes());
        break;
      case BATCH_APPEND_REQ.proposedMessages:
        proposals.push(decodeProposal(wire));
        break;
      case BATCH_APPEND_REQ.isFinal:
        isFinal = wire.flag();
        break;
      default:
        wire.skip();
    }
  }
  return { correlationId, options, proposals, isFinal };
}

const NOTHING = new Uint8Array();

function decodeProposal(wire: WireReader): Proposal {
  let id: string | undefined;
  let type: string | undefined;
  let contentType: string | undefined;
  let data: Uint8Array = NOTHING;
  let customMetadata: Uint8Array = NOTHING;
  const outer = wire.enter();
  while (wire.nextField()) {
    switch (wire.field) {
      case PROPOSED_MESSAGE.id:
        id = decodeId(wire.bytes());
        break;
      case PROPOSED_MESSAGE.metadata: {
        const [key, value] = wire.textEntry();
        if (key === 'type') type = value;
        else if (key === 'content-type') contentType = value;
        break;
      }
      case PROPOSED_MESSAGE.customMetadata:
        customMetadata = wire.bytes();
        break;
      case PROPOSED_MESSAGE.data:
        data = wire.bytes();
        break;
      default:
        wire.skip();
    }
  }
  wire.leave(outer);
  return { id, type, contentType, data, customMetadata };
}

/** The client sends ids as text; the protocol has another form. */
function decodeId(bytes: Buffer): string | undefined {
  const isText = bytes.length === 38 && bytes.subarray(0, 2).equals(TEXT_UUID);
  return isText ? bytes.toString('latin1', 2) : uuidText(UUID.deserializeBinary(bytes));
}
