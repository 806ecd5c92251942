import { readableLines, showsColors } from './readable-lines';

const line = JSON.stringify({
  level: 'info',
  time: '2026-11-26T10:00:00.125Z',
  role: 'api',
  context: 'events',
  channelId: 'soc_1',
  counts: { deleted: 7 },
  requestId: 'req_1',
  correlationId: 'req_1',
  err: { type: 'TypeError', message: 'gone', stack: 'secret', cause: { type: 'E', message: 'x' } },
  msg: 'event \u001b[2Jappended',
});

describe('A line for people', () => {
  it('says what has happened, with its fields and its error, and steers no terminal', async () => {
    const format = await readableLines(false);
    expect(format(line).replace(/^\[.*?\] /, '')).toBe(
      'INFO: event \\u001b[2Jappended  counts={"deleted":7} channelId=soc_1 requestId=req_1  TypeError: gone < E: x',
    );
  });

  it('has colours where they are wanted', async () => {
    expect((await readableLines(true))(line)).toContain('\u001b[90mcounts=');
    expect((await readableLines(false))(line)).not.toContain('\u001b');
    expect([true, false, undefined].map((isTTY) => showsColors({ isTTY }, {}))).toEqual([
      true,
      false,
      false,
    ]);
    expect(showsColors({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  });

  it('is left as it is when a process has said it in its own words', async () => {
    const words = "api can't start: Set DATABASE_URL";
    expect((await readableLines(true))(words)).toBe(words);
  });
});
