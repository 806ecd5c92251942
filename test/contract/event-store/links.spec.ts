import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  END,
  jsonEvent,
  streamNameFilter,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { rule } from './harness/rule';
import { collect, counted, serverOfThisFile } from './harness/server';

/** A stream, and one of links to its events, as projections write them: `revision@stream`. */
const server = serverOfThisFile();
let target: string;
let links: string;
/** Just before the links, and of the first of them. */
let before: Position;
let start: Position;

const linkTo = (revision: number, stream = target) => ({
  ...jsonEvent({ type: '$>', data: {} }),
  contentType: 'application/octet-stream' as const,
  data: Buffer.from(`${revision}@${stream}`),
});

beforeEach(async () => {
  target = `target-${randomUUID()}`;
  links = `links-${randomUUID()}`;
  before = (await server.client.appendToStream(target, counted(3))).position!;
  start = (await server.client.appendToStream(links, linkTo(2))).position!;
  await server.client.appendToStream(links, [linkTo(0), ...counted(1, 7)]);
});

/** What an event came as: the stream and revision of event and link. */
const seen = ({ event, link }: ResolvedEvent) => ({
  event: event && `${event.revision}@${event.streamId}`,
  link: link && `${link.revision}@${link.streamId}`,
});

const resolved = () => [
  { event: `2@${target}`, link: `0@${links}` },
  { event: `0@${target}`, link: `1@${links}` },
  { event: `2@${links}`, link: undefined },
];

const resolveLinkTos = true;

describe(rule('links/resolved'), () => {
  it('in reads of a stream', async () => {
    const forwards = await collect(server.client.readStream(links, { resolveLinkTos }));
    expect(forwards.map(seen)).toEqual(resolved());
    const options = { resolveLinkTos, direction: BACKWARDS, fromRevision: END } as const;
    const backwards = await collect(server.client.readStream(links, options));
    expect(backwards.map(seen)).toEqual(resolved().reverse());
  });

  it('in reads of all', async () => {
    const all = await collect(server.client.readAll({ resolveLinkTos, fromPosition: start }));
    const own = all.filter(({ link, event }) => (link ?? event)?.streamId === links);
    expect(own.map(seen)).toEqual(resolved());
    expect(own[0]!.commitPosition).toBe(start.commit);
  });

  it('in subscriptions to a stream', async () => {
    const subscription = server.client.subscribeToStream(links, { resolveLinkTos });
    expect(await firstThree(subscription)).toEqual(resolved());
  });

  it('in subscriptions to all, whose filter looks at the link', async () => {
    const filter = streamNameFilter({ prefixes: [links] });
    const subscription = server.client.subscribeToAll({
      resolveLinkTos,
      filter,
      fromPosition: before,
    });
    expect(await firstThree(subscription)).toEqual(resolved());
  });

  async function firstThree(
    subscription: AsyncIterable<ResolvedEvent> & { unsubscribe(): Promise<void> },
  ) {
    const events: ResolvedEvent[] = [];
    for await (const event of subscription) {
      if (events.push(event) === 3) break;
    }
    await subscription.unsubscribe();
    return events.map(seen);
  }
});

describe(rule('links/as-they-are'), () => {
  it('with their data', async () => {
    const [link] = await collect(server.client.readStream(links));
    expect(seen(link!)).toEqual({ event: `0@${links}`, link: undefined });
    expect(link?.event?.type).toBe('$>');
    expect(Buffer.from(link?.event?.data as Uint8Array).toString()).toBe(`2@${target}`);
  });
});

describe(rule('links/gone'), () => {
  const alone = () => [
    { event: undefined, link: `0@${links}` },
    { event: undefined, link: `1@${links}` },
    { event: `2@${links}`, link: undefined },
  ];
  const read = async () =>
    (await collect(server.client.readStream(links, { resolveLinkTos }))).map(seen);

  it('by a delete', async () => {
    await server.client.deleteStream(target);
    expect(await read()).toEqual(alone());
  });

  it('by a tombstone', async () => {
    await server.client.tombstoneStream(target);
    expect(await read()).toEqual(alone());
  });

  it('by truncation', async () => {
    await server.client.setStreamMetadata(target, { truncateBefore: 3 });
    expect(await read()).toEqual(alone());
  });

  it('because it never was', async () => {
    const stream = `links-${randomUUID()}`;
    await server.client.appendToStream(stream, [linkTo(9), linkTo(0, `none-${randomUUID()}`)]);
    const events = await collect(server.client.readStream(stream, { resolveLinkTos }));
    expect(events.map(({ event }) => event)).toEqual([undefined, undefined]);
  });
});
