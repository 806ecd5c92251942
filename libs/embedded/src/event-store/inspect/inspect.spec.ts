import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventLog } from '../store/event-log';
import { Recorder } from '../store/recorder';
import type { ProposedEvent } from '../store/stored-event';
import { TOMBSTONE } from '../store/system-streams';
import { parseInspection } from './arguments';
import { inspect, NothingFoundError } from './inspect';

const created = Date.UTC(2026, 10, 26, 17, 5);
const time = new Date(created).toISOString();

let folder: string;
let log: EventLog;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspect-'));
  log = EventLog.open(folder, { fsync: false });
});
afterAll(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

type Given = Partial<Omit<ProposedEvent, 'data' | 'customMetadata'>> & {
  readonly data?: string | Buffer;
  readonly metadata?: string;
  /** The next one unless said. */
  readonly revision?: number;
};

/** Writes an event at the end of a stream. @returns its position */
async function write(stream: string, given: Given = {}): Promise<number> {
  const { data = '{}', metadata = '', ...rest } = given;
  const proposed = {
    ...{ id: randomUUID(), type: 'Written', contentType: 'application/json', ...rest },
    data: Buffer.from(data as Buffer),
    customMetadata: Buffer.from(metadata),
  };
  const { revision = log.lastRevision(stream) + 1 } = given;
  const position = log.nextPosition;
  await log.commit([new Recorder(created).record(proposed, { stream, revision, position })]);
  return position;
}

/** Runs a command. @returns its lines */
async function show(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const { command, json } = parseInspection(args)!;
  const inspector = {
    ...{ log, json, signal: new AbortController().signal },
    print: async (more: readonly string[]) => void lines.push(...more),
    mayHaveGrown: async () => Promise.reject(new Error('Nobody asked for what comes')),
  };
  await inspect(inspector, command);
  return lines.flatMap((line) => line.split('\n'));
}

const showJson = async (...args: string[]): Promise<Record<string, unknown>[]> =>
  (await show(...args, '--json')).map((line) => JSON.parse(line) as Record<string, unknown>);

const revisions = async (...args: string[]) =>
  (await showJson(...args)).map(({ stream, revision }) => `${String(stream)}@${String(revision)}`);

describe('looking into an empty store', () => {
  it('finds nothing', async () => {
    expect(await showJson('streams')).toEqual([]);
    expect(await show('tail')).toEqual([]);
    await expect(show('stream', 'a\u001b')).rejects.toThrow(
      new NothingFoundError('There is no stream a\\u001b'),
    );
  });
});

describe('looking into a store', () => {
  const id = randomUUID();
  const text = 'x'.repeat(100);
  let connectedAt: number;
  let pictureAt: number;
  beforeAll(async () => {
    for (let n = 0; n < 5; n += 1) await write('counts', { type: 'Counted' });
    connectedAt = await write('channel-1', {
      ...{ id, type: 'ChannelConnected', metadata: '{"actor":"ana"}' },
      data: `{"about":"${text}","none":[],"large":9223372036854775807}`,
    });
    pictureAt = await write('channel-1', {
      ...{ id, type: 'Picture', contentType: 'application/octet-stream' },
      data: Buffer.alloc(300, 7),
    });
    await write('\u0001evil\u001b[31m', {
      ...{ type: 'Red\u001b[0m', contentType: 'text/\u001b', metadata: '{"broken\u001b' },
      data: '{"text":"a\u202eb\u009b"}',
    });
  });

  it('lists the streams by name, each with its end', async () => {
    expect(await show('streams')).toEqual([
      '   events  last event                its type                      stream',
      `        1  ${time}  Red\\u001b[0m                  \\u0001evil\\u001b[31m`,
      `        2  ${time}  Picture                       channel-1`,
      `        5  ${time}  Counted                       counts`,
    ]);
    expect(await showJson('streams', '--prefix', 'co')).toEqual([
      {
        ...{ stream: 'counts', events: 5, lastType: 'Counted', lastCreated: time },
        ...{ state: 'exists', firstShown: 0 },
      },
    ]);
  });

  it('shows a stream to people', async () => {
    expect(await show('stream', 'channel-1')).toEqual([
      'channel-1@0  ChannelConnected',
      `  ${time}  position ${connectedAt}  id ${id}`,
      '  data {',
      `    "about": "${text}",`,
      '    "none": [],',
      '    "large": 9223372036854775807',
      '  }',
      '  metadata {"actor": "ana"}',
      'channel-1@1  Picture',
      `  ${time}  position ${pictureAt}  id ${id}`,
      `  data 300 bytes, application/octet-stream, in base64: ` +
        `${Buffer.alloc(96, 7).toString('base64')}… (whole with --json)`,
    ]);
  });

  it('shows a stream to programs, whole and as it was written', async () => {
    const [connected, picture] = await show('stream', 'channel-1', '--json');
    expect(connected).toContain('"large":9223372036854775807');
    const common = { stream: 'channel-1', id, created: time, isHidden: false };
    expect(JSON.parse(connected!)).toEqual({
      ...{ ...common, revision: 0, position: connectedAt, type: 'ChannelConnected' },
      ...{ contentType: 'application/json', metadata: { actor: 'ana' } },
      data: { about: text, none: [], large: 2 ** 63 },
    });
    expect(JSON.parse(picture!)).toEqual({
      ...{ ...common, revision: 1, position: pictureAt, type: 'Picture' },
      contentType: 'application/octet-stream',
      dataBase64: Buffer.alloc(300, 7).toString('base64'),
    });
  });

  it('shows what is no UTF-8 in base64, also within quotes', async () => {
    await write('latin', { data: Buffer.from('"\xe4"', 'latin1') });
    expect(await showJson('stream', 'latin')).toMatchObject([{ dataBase64: 'IuQi' }]);
  });

  it.each([
    ['', [0, 1, 2, 3, 4]],
    ['--from 3', [3, 4]],
    ['--from 1 --count 2', [1, 2]],
    ['--backwards', [4, 3, 2, 1, 0]],
    ['--backwards --from 2 --count 2', [2, 1]],
    ['--from 5', []],
    ['--count 0', []],
  ])('shows a part of a stream: %s', async (options, expected) => {
    const args = options.split(' ').filter((option) => option !== '');
    expect(await revisions('stream', 'counts', ...args)).toEqual(
      expected.map((revision) => `counts@${revision}`),
    );
  });

  it('shows the tail of all streams, in the order of writing', async () => {
    const ofCounts = [0, 1, 2, 3, 4].map((n) => `counts@${n}`);
    const ofChannel = ['channel-1@0', 'channel-1@1'];
    const tail = [...ofCounts, ...ofChannel, '\u0001evil\u001b[31m@0', 'latin@0'];
    expect(await revisions('tail')).toEqual(tail);
    expect(await revisions('tail', '--count', '3')).toEqual(tail.slice(-3));
    expect(await revisions('tail', '--count', '3', '--prefix', 'c')).toEqual([
      'counts@4',
      ...ofChannel,
    ]);
    expect(await revisions('tail', '--count', '0')).toEqual([]);
  });

  it('never lets a name or a payload steer a terminal', async () => {
    for (const form of [[], ['--json']]) {
      const lines = await show('tail', ...form);
      expect(lines.join('')).toMatch(/\\u202e/);
      expect(lines.join('')).not.toMatch(/\p{Cc}|\p{Cf}/u);
    }
  });
});

describe('looking into what reads hide', () => {
  const lastLine = async (stream: string) => (await show('streams', '--prefix', stream)).at(-1);
  const hidden = async (stream: string) =>
    (await showJson('stream', stream)).map(({ isHidden }) => isHidden);
  const setMetadata = (stream: string, metadata: string) =>
    write(`$$${stream}`, { type: '$metadata', data: metadata });

  it('shows a soft-deleted stream', async () => {
    await write('deleted');
    await setMetadata('deleted', '{"$tb":9223372036854775807}');
    expect(await lastLine('deleted')).toMatch(/^ {8}1 .* deleted {2}\(deleted\)$/);
    expect(await hidden('deleted')).toEqual([true]);
    expect(await show('stream', '$$deleted')).toContain('  data {"$tb": 9223372036854775807}');
  });

  it('shows a stream that is cut', async () => {
    for (let n = 0; n < 3; n += 1) await write('cut');
    await setMetadata('cut', '{"$maxCount":1}');
    await setMetadata('cut', '{"$maxCount":2}');
    expect(await lastLine('cut')).toMatch(/^ {8}3 .* cut {2}\(read from revision 1 on\)$/);
    expect(await hidden('cut')).toEqual([true, false, false]);
    // Of metadata only what holds is read.
    expect(await hidden('$$cut')).toEqual([true, false]);
    expect((await show('stream', 'cut'))[0]).toBe('cut@0  Written  (reads of the stream hide it)');
  });

  it('shows a stream whose events are too old', async () => {
    await write('old');
    await setMetadata('old', '{"$maxAge":1}');
    expect(await hidden('old')).toEqual([true]);
  });

  it('shows a tombstoned stream, the tombstone last', async () => {
    await write('tombstoned');
    await write('tombstoned', { type: '$streamDeleted', data: '', revision: TOMBSTONE });
    expect(await lastLine('tombstoned')).toMatch(/^ {8}2 .*\$streamDeleted .* \(tombstoned\)$/);
    expect(await hidden('tombstoned')).toEqual([true, true]);
    const names = async (...options: string[]) =>
      (await show('stream', 'tombstoned', ...options)).filter((line) => line.includes('@'));
    const note = '  (reads of the stream hide it)';
    const all = [
      `tombstoned@0  Written${note}`,
      `tombstoned@9223372036854775807  $streamDeleted${note}`,
    ];
    expect(await names()).toEqual(all);
    expect(await names('--backwards')).toEqual([...all].reverse());
    expect(await names('--from', '1')).toEqual(all.slice(1));
  });
});

describe('looking into a store of many pages', () => {
  const names = Array.from({ length: 600 }, (_, n) => `many-${String(n).padStart(3, '0')}`);
  beforeAll(async () => {
    for (const name of names) await write(name);
  });

  it('lists each stream once', async () => {
    const streams = await showJson('streams', '--prefix', 'many-');
    expect(streams.map(({ stream }) => stream)).toEqual(names);
  });

  it('shows a tail as long as it is asked for', async () => {
    expect(await revisions('tail', '--count', '500')).toEqual(
      names.slice(100).map((name) => `${name}@0`),
    );
  });
});
