import { WireWriter } from '@app/protobuf';
import { writeNumber } from './keys';
import {
  encodeMetadata,
  encodeStreamIdentifier,
  RECORDED_OVERHEAD,
  writeRecorded,
} from './recorded-event';
import { encodeText, StoredEvent, writeUuid, type Place, type ProposedEvent } from './stored-event';

/** The bytes that events have in common. */
interface Common {
  /** In front of the recorded event, where filters look. */
  readonly header: Buffer;
  /** Within it. */
  readonly recorded: Buffer;
}

const REVISION_BYTES = 8;
const UUID_BYTES = 16;

/**
 * Gives events that are written together their places and their bytes. Nearly all that an append costs
 * is this; but what most of an event's parts say, the event before says too: its stream, its type, the
 * time. So they are encoded once, and copied.
 */
export class Recorder {
  private readonly streams = new Map<string, Common>();
  private readonly types = new Map<string, Common & { readonly contentType: string }>();

  /** @param created milliseconds since the epoch */
  constructor(private readonly created: number) {}

  record(event: ProposedEvent, { stream, revision, position }: Place): StoredEvent {
    const ofStream = this.streams.get(stream) ?? this.commonOfStream(stream);
    const ofType = this.commonOfType(event);
    const bytes = Buffer.allocUnsafe(sizeAtMost(event, ofStream, ofType));
    writeNumber(bytes, revision, 0);
    writeUuid(bytes, event.id, REVISION_BYTES);
    const writer = new WireWriter(bytes, REVISION_BYTES + UUID_BYTES)
      .raw(ofType.header)
      .raw(ofStream.header);
    writeRecorded(writer, event, {
      revision,
      position,
      streamIdentifier: ofStream.recorded,
      metadata: ofType.recorded,
    });
    return new StoredEvent(position, bytes.subarray(0, writer.at));
  }

  private commonOfStream(stream: string): Common {
    const common = { header: encodeText(stream), recorded: encodeStreamIdentifier(stream) };
    this.streams.set(stream, common);
    return common;
  }

  private commonOfType(event: ProposedEvent): Common {
    const { type, contentType } = event;
    const known = this.types.get(type);
    if (known?.contentType === contentType) return known;
    const common = {
      contentType,
      header: encodeText(type),
      recorded: encodeMetadata(event, this.created),
    };
    this.types.set(type, common);
    return common;
  }
}

function sizeAtMost({ data, customMetadata }: ProposedEvent, ...common: Common[]): number {
  return common.reduce(
    (sum, { header, recorded }) => sum + header.length + recorded.length,
    REVISION_BYTES + UUID_BYTES + RECORDED_OVERHEAD + data.length + customMetadata.length,
  );
}
