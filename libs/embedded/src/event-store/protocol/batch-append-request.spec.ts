import { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb';
import { MalformedMessage } from '@app/protobuf';
import fc from 'fast-check';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { proposalOf, type Proposal } from './append-request';
import { decodeBatchAppend } from './batch-append-request';

interface AnEvent {
  readonly id: string;
  readonly structured: boolean;
  readonly metadata: Record<string, string>;
  readonly data: Uint8Array;
  readonly customMetadata: Uint8Array;
}

const anEvent: fc.Arbitrary<AnEvent> = fc.record({
  id: fc.oneof(fc.uuid(), fc.string()),
  structured: fc.boolean(),
  metadata: fc.dictionary(
    fc.oneof(fc.constantFrom('type', 'content-type'), fc.string()),
    fc.string({ unit: 'grapheme' }),
  ),
  data: fc.uint8Array({ maxLength: 400 }),
  customMetadata: fc.uint8Array({ maxLength: 200 }),
});

function encodeEvent(event: AnEvent): BatchAppendReq.ProposedMessage {
  const id = event.structured
    ? new UUID().setStructured(
        new UUID.Structured().setMostSignificantBits('-5').setLeastSignificantBits('7'),
      )
    : new UUID().setString(event.id);
  const message = new BatchAppendReq.ProposedMessage()
    .setId(id)
    .setData(event.data)
    .setCustomMetadata(event.customMetadata);
  const metadata = message.getMetadataMap();
  for (const [key, value] of Object.entries(event.metadata)) metadata.set(key, value);
  return message;
}

function aMessage(events: readonly AnEvent[], isFinal: boolean): BatchAppendReq {
  const stream = new StreamIdentifier().setStreamName(Buffer.from('one').toString('base64'));
  return new BatchAppendReq()
    .setCorrelationId(new UUID().setString('c2f8ddc9-7ec5-45b2-9eb2-8f0ec1b6bf01'))
    .setOptions(new BatchAppendReq.Options().setStreamIdentifier(stream).setAny(new Empty()))
    .setProposedMessagesList(events.map(encodeEvent))
    .setIsFinal(isFinal);
}

const inBuffers = (proposal: Proposal): Proposal => ({
  ...proposal,
  data: Buffer.from(proposal.data),
  customMetadata: Buffer.from(proposal.customMetadata),
});

describe('a message of a batch append', () => {
  it('is read as the generated code reads it', () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 5 }), fc.boolean(), (events, isFinal) => {
        const bytes = Buffer.from(aMessage(events, isFinal).serializeBinary());
        const generated = BatchAppendReq.deserializeBinary(bytes);
        const read = decodeBatchAppend(bytes);
        expect({
          correlationId: read.correlationId?.toObject(),
          options: read.options?.toObject(),
          proposals: read.proposals.map(inBuffers),
          isFinal: read.isFinal,
        }).toEqual({
          correlationId: generated.getCorrelationId()?.toObject(),
          options: generated.getOptions()?.toObject(),
          proposals: generated.getProposedMessagesList().map(proposalOf).map(inBuffers),
          isFinal: generated.getIsFinal(),
        });
      }),
    );
  });

  it('may be one that says nothing but that it is the last', () => {
    const bytes = Buffer.from(new BatchAppendReq().setIsFinal(true).serializeBinary());
    expect(decodeBatchAppend(bytes)).toEqual({
      correlationId: undefined,
      options: undefined,
      proposals: [],
      isFinal: true,
    });
  });

  it('is refused when its end is missing', () => {
    const [event] = fc.sample(anEvent, 1);
    const bytes = Buffer.from(aMessage([event!], true).serializeBinary());
    expect(() => decodeBatchAppend(bytes.subarray(0, bytes.length - 4))).toThrow(MalformedMessage);
  });
});
