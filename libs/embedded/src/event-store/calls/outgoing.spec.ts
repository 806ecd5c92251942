import { Writable } from 'node:stream';
import { CallEndedError, Outgoing } from './outgoing';

/** A client that takes nothing until it is told to. */
class SlowClient extends Writable {
  take: () => void = () => undefined;
  constructor() {
    super({ objectMode: true, highWaterMark: 1 });
  }
  override _write(_: unknown, __: string, done: () => void): void {
    this.take = done;
  }
}

describe('Answers to a slow client', () => {
  it('wait together, however many there are', async () => {
    const client = new SlowClient();
    const outgoing = new Outgoing<string>(client, new AbortController().signal);
    const waiting = Array.from({ length: 50 }, (_, n) => outgoing.write(`answer ${n}`));
    expect(client.listenerCount('drain')).toBe(1);
    client.once('drain', () => undefined);
    const drained = Promise.all(waiting.map(async (answered) => answered));
    for (let n = 0; n < 50; n++) {
      client.take();
      await Promise.resolve();
    }
    await drained;
    expect(outgoing.write('and on')).toBeInstanceOf(Promise);
  });

  it('wait no longer when the call has ended', async () => {
    const client = new SlowClient();
    const outgoing = new Outgoing<string>(client, new AbortController().signal);
    const waiting = outgoing.write('an answer');
    client.emit('cancelled');
    await expect(waiting).rejects.toThrow(CallEndedError);
    expect(() => outgoing.write('another')).toThrow(CallEndedError);
  });
});
