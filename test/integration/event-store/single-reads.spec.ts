import { channelStream } from '@app/event-store';
import { aContext, connected, useTestBed } from '@app/testing';

describe('reads of a single event', () => {
  const bed = useTestBed();

  it('are over by themselves: a server closes the connection of a client that resets many streams', async () => {
    const store = await bed.eventStore();
    const start = connected();
    const stream = channelStream(start.data.channelId);
    const { position } = await store.append(stream, 'no_stream', [start], aContext());
    const hundred = Array.from({ length: 100 }, () => undefined);
    for (let asked = 0; asked < 1_200; asked += hundred.length) {
      expect(await Promise.all(hundred.map(() => store.endOfAll()))).toContainEqual(position);
    }
  });
});
